import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { createPlace, type Place } from './harness/place.ts';

const test = swarmTest({ managers: 3, workers: 0 });
const long = { tags: ['long'] };
const hold = ['run', 'hold', '--yes', '--reason', 'test', '--detach'];
const idIn = (text: string): string => /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(text)?.[0] ?? '';

describe.skipIf(withoutSwarm !== undefined)('two operators on two managers', () => {
	test('exclude each other, also when one of the managers dies', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		await openOn(stack).must('wait_converged 120 1');
		const [first, second] = swarm.nodes;
		if (first === undefined || second === undefined) {
			throw new Error('there are three managers');
		}
		const [one, two]: Place[] = [createPlace(stack, first), createPlace(stack, second)];
		try {
			const said = await Promise.all([one.backout(...hold), two.backout(...hold)]);
			expect(said.map(({ code }) => code).sort(), said.map(({ text }) => text).join('\n')).toEqual([0, 4]);
			const isFirst = said[0]?.code === 0;
			const [winner, loser] = isFirst ? [one, two] : [two, one];
			const node = isFirst ? first : second;
			const id = idIn(said[isFirst ? 0 : 1]?.text ?? '');
			const refused = said[isFirst ? 1 : 0]?.text ?? '';
			expect(refused).toMatch(new RegExp(`is locked by .* hold, run ${id} on ${node.name}`));
			expect(refused).not.toContain('do not hear from');
			expect((await loser.backout('runs')).text).toMatch(new RegExp(`${id} .*unknown .*lives on ${node.name}`));
			const attached = await loser.backout('attach', id);
			expect(attached.text).toContain(`run ${id} lives on ${node.name}, which alone knows its state`);
			expect(attached.code).toBe(6);

			await node.kill();
			const unknown = `The managers do not hear from ${node.name}, so the state of that run is unknown until it is back`;
			await expect.poll(async () => (await loser.backout('attach', id)).text, { timeout: 90_000 }).toContain(unknown);
			const again = await loser.backout(...hold);
			expect(again.text).toContain(unknown);
			expect(again.text).toContain(`docker config rm backout-${stack.name}-lock`);
			expect(again.code).toBe(4);

			await node.start();
			winner.letGo();
			loser.letGo();
			await expect.poll(async () => (await winner.backout('runs')).text, { timeout: 60_000 }).toContain('steps done');
			const free = await loser.backout('run', 'hold', '--yes', '--reason', 'test');
			expect(free.code, free.text).toBe(0);
			expect(await swarm.manager.docker('config', 'ls', '--filter', 'name=backout-', '--quiet')).toBe('');
		} finally {
			one.letGo();
			two.letGo();
			one.remove();
			two.remove();
		}
	});

	test('replace the lock of a run that died on their own manager', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		await host.must('wait_converged 120 1');
		const take = (id: string, state: string) =>
			host.run(
				`echo '{"procedure":"hold"}' >"$run_dir/about" && cd "$run_dir" && take_shared_lock ${id} 5 ${state} about`,
			);
		expect(await take('dead', '/s')).toMatchObject({ code: 0 });
		expect(await take('other', '/elsewhere')).toMatchObject({ code: 3, text: expect.stringContaining('same state') });
		expect(await take('next', '/s')).toMatchObject({ code: 0 });
		expect(await host.must('free_shared_lock dead; shared_lock | cut -f 2,4,5')).toBe('next\t5\t/s');
		await host.must('free_shared_lock next');
		expect(await host.must('shared_lock')).toBe('');
		expect(await swarm.manager.docker('config', 'ls', '--filter', 'name=backout-', '--quiet')).toBe('');
	});
});
