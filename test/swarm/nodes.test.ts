import { describe, expect } from 'vitest';
import { waitFor } from '../lab/processes.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 3, workers: 0 });
const long = { tags: ['long'] };

describe.skipIf(withoutSwarm !== undefined)('a rollback of a stack on three managers', () => {
	test('goes on when a node goes away in the middle', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '2', replicas: 3 });
		const host = openOn(stack);
		await host.must('wait_converged 120 1');
		const lost = swarm.nodes[2];
		await host.must(`roll_back_to_image web ${image('1')}`);
		await lost?.kill();
		try {
			// Docker's own update would say for ever that it goes on.
			expect(await host.must('follow_update 240 2 web')).toContain('node that went away (node-3), and is begun again');
			expect(await stack.read('web', '{{json .Spec.Labels}}')).not.toContain('backout.update');
			const alive = (await stack.tasks('web')).filter(({ state }) => state === 'running');
			expect(alive.map((task) => task.image)).toEqual([image('1'), image('1'), image('1')]);
			// The database is bound to that node: nothing else can run it, and nothing says that it does.
			expect(await host.must('not_converged database')).toContain('database: 0 of 1 tasks run its spec');
		} finally {
			await lost?.start();
		}
		await host.must('wait_converged 180 2');
		await stack.runs('database', [image('1')]);
	});

	test('goes on when the leader is lost in the middle', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '2', replicas: 3 });
		const leader = await swarm.leader();
		const other = swarm.nodes.find((node) => node !== leader && node.number !== 3);
		const host = openOn(stack, other);
		await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		await stack.deploy({ web: 'bad', replicas: 3 });
		await host.run('wait_converged 120 1 web');
		await host.must('take_update_back web');
		await leader.kill();
		try {
			await host.must('follow_update 240 2 web');
			expect(await swarm.leader()).not.toBe(leader);
			await stack.runs('web', [image('2'), image('2'), image('2')]);
		} finally {
			await leader.start();
		}
		await host.must('wait_converged 180 2');
	});

	test('is refused while the managers have no majority', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		await host.must('wait_converged 180 1');
		const others = swarm.nodes.filter((node) => node !== swarm.manager);
		await Promise.all(others.map((node) => node.unplug()));
		try {
			let text = '';
			const refused = async () => {
				const said = await host.run('look_swarm');
				text = said.text;
				return said.code !== 0;
			};
			expect(await waitFor(refused, 60_000, 500)).toBe(true);
			expect(text).toContain('this host cannot decide for the Swarm');
			expect((await host.run(`roll_back_to_image web ${image('2')}`)).code).not.toBe(0);
			expect((await host.run('converged_for 0')).text).toContain('unknown: the engine does not say what runs');
		} finally {
			await Promise.all(others.map((node) => node.plugIn()));
		}
		await host.must('wait_converged 180 1');
		await stack.runs('web', [image('1'), image('1')]);
	});
});
