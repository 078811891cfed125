import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 1, workers: 1 });
const long = { tags: ['long'] };
const idsOf = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => id).sort();

describe.skipIf(withoutSwarm !== undefined)('a whole stack', () => {
	test(
		'goes back to a deployment, and its own deployment changes nothing then',
		long,
		async ({ openStack, openOn }) => {
			const stack = await openStack();
			const first = { web: '1', agent: '1', settings: 'one\n', configName: `one-${stack.name}` } as const;
			await stack.deploy(first);
			const host = openOn(stack);
			const kept = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
			await stack.deploy({ web: 'bad', agent: '2', settings: 'two\n', configName: `two-${stack.name}`, replicas: 3 });
			await stack.runs('agent', [image('2'), image('2')]);
			const database = idsOf(await stack.tasks('database'));
			const said = await host.must(`roll_back_stack ${kept}`, { order: 'database web' });
			expect(said).toContain('database: is as it was then');
			expect(said.indexOf('web: is to run')).toBeLessThan(said.indexOf('agent: is to run'));
			await stack.runs('web', [image('1'), image('1')]);
			await stack.runs('agent', [image('1'), image('1')]);
			expect((await stack.tasks('web')).map(({ config }) => config)).toEqual([first.configName, first.configName]);
			expect(idsOf(await stack.tasks('database'))).toEqual(database);
			// The stack file of then, deployed by its owner: no label and no default may differ, or every task is made anew.
			const before = idsOf(await stack.tasks());
			await stack.deploy(first);
			await host.must('wait_converged 120 3');
			expect(idsOf(await stack.tasks())).toEqual(before);
		},
	);

	test(
		'makes a config anew that is gone, and refuses one of the same name with other content',
		long,
		async ({ openStack, openOn, swarm }) => {
			const stack = await openStack();
			const name = `first-${stack.name}`;
			await stack.deploy({ settings: 'one\n', configName: name });
			const host = openOn(stack);
			const kept = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
			await stack.deploy({ settings: 'two\n', configName: `second-${stack.name}` });
			await host.must('wait_converged 120 1');
			await swarm.manager.docker('config', 'rm', name);
			expect(await host.must(`roll_back_stack ${kept}`)).toContain(`created the config ${name} anew`);
			const content = await swarm.manager.docker('config', 'inspect', '--format', '{{printf "%s" .Spec.Data}}', name);
			expect(content).toBe('one');
			expect((await stack.tasks('web')).map(({ config }) => config)).toEqual([name, name]);

			await stack.deploy({ settings: 'two\n', configName: `second-${stack.name}` });
			await host.must('wait_converged 120 1');
			await swarm.manager.docker('config', 'rm', name);
			await swarm.manager.docker('config', 'create', name, `${stack.clone}/settings`);
			const tasks = idsOf(await stack.tasks());
			const { code, text } = await host.run(`roll_back_stack ${kept}`);
			expect(code).toBe(1);
			expect(text).toContain(`used the config ${name}, and another one has that name now, with other content`);
			expect(text).toContain('nothing was changed');
			expect(idsOf(await stack.tasks())).toEqual(tasks);
		},
	);

	test('has nodes that are drained and brought back', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		await host.must('wait_converged 120 1 && note_containers');
		expect(await host.must('bound_to node-2')).toBe('database');
		expect(await host.must('task_here agent')).toMatch(/^[0-9a-f]{64}$/);
		const elsewhere = 'database runs on node-2, and this host is another node: its volumes can be reached there only';
		expect(await host.run('task_here database')).toEqual({ code: 1, text: elsewhere });
		await host.must('set_availability node-2 drain && until node_is_empty node-2; do sleep 1; done');
		expect(await host.must('not_converged')).toContain('database: 0 of 1 tasks run its spec');
		expect(await host.must('service_differences', { from_dir: host.restore })).toBe('node node-2: drain, then active');
		await host.must('set_availability node-2 active && wait_converged 120 1');
		await stack.runs('agent', [image('1'), image('1')]);
	});
});
