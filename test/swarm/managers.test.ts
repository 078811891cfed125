import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Node } from '../nodes/node.ts';
import { sshdMissing, startSshd } from '../ssh/sshd.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { agentsWithUsage, createPlace } from './harness/place.ts';

const test = swarmTest({ managers: 3, workers: 0 });
const long = { tags: ['long'] };
const hold = ['run', 'hold', '--yes', '--reason', 'test', '--detach'];
const idIn = (text: string): string => /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(text)?.[0] ?? '';

/** Starts the SSH server of a node. */
const serve = async (node: Node | undefined) => {
	const sshd = await startSshd([`SetEnv SHLVL=1 DOCKER_HOST=unix://${node?.socket}`]);
	return { ...sshd, name: node?.name ?? '' };
};

describe.skipIf(withoutSwarm !== undefined || sshdMissing() !== undefined)('a target with several managers', () => {
	test(
		'asks the next when one is no manager any more or is lost, and says so',
		long,
		async ({ openStack, openOn, swarm }) => {
			const stack = await openStack();
			await stack.deploy();
			await openOn(stack).must('wait_converged 120 1');
			const [first, second] = [await serve(swarm.nodes[0]), await serve(swarm.nodes[1])];
			// The keys are those of the second server, which is stopped last.
			await first.authorise(second.identity);
			appendFileSync(second.knownHosts, readFileSync(first.knownHosts));
			const place = createPlace(stack, swarm.manager, {
				host: `[${first.destination}, ${second.destination}]`,
				target: `    identityFile: ${second.identity}\n    knownHosts: ${second.knownHosts}\n`,
			});
			try {
				const well = await place.backout('status');
				expect(well.code, well.text).toBe(0);
				expect(well.text).not.toContain('is asked instead');
				// One on each node: CPU and memory of those on the two nodes that are hosts of the target.
				const screen = place.open();
				await screen.waitFor((rows) => agentsWithUsage(rows) === 2, 120_000).finally(() => screen.close());

				await swarm.nodes[1]?.docker('node', 'demote', first.name);
				// For some seconds it is neither manager nor worker, and the managers do not hear from it.
				await expect.poll(async () => (await place.backout('status')).code, { timeout: 120_000 }).toBe(0);
				const demoted = await place.backout('status');
				const worker = `${second.destination} is asked instead of ${first.destination} (${first.name} is a worker of the swarm`;
				expect(demoted.text).toContain(worker);
				expect(demoted.code, demoted.text).toBe(0);
				const json = await place.backout('status', '--json');
				expect(json.text).toContain(`"instead":"instead of ${first.destination} (${first.name} is a worker`);

				// The doctor looks at each, whichever is asked otherwise.
				const doctor = await place.backout('doctor', '--json');
				expect(doctor.text).toMatch(
					new RegExp(`"${first.name} is a worker of the swarm.*"host":"${first.destination}"`),
				);
				expect(doctor.text).toMatch(new RegExp(`"${second.name} is a manager".*"host":"${second.destination}"`));
				expect(doctor.code, doctor.text).toBe(1);

				await first.stop();
				const half = await place.backout('doctor');
				expect(half.text).toMatch(new RegExp(`${first.destination}\n.*Link:.* failed: .*refused`));
				expect(half.text).toContain(`${second.name} is a manager`);
				expect(half.code, half.text).toBe(1);
				const lost = await place.backout(
					'run',
					'restart-service',
					'--input',
					'restarted=web',
					'--yes',
					'--reason',
					'test',
				);
				expect(lost.text).toMatch(
					new RegExp(`${second.destination} is asked instead of ${first.destination} \\(.*refused`),
				);
				expect(lost.code, lost.text).toBe(0);
				await second.stop();
				const none = await place.backout('status');
				expect(none.text).toMatch(new RegExp(`${first.destination}: .*${second.destination}: `));
				expect(none.code).toBe(3);
				expect((await place.backout('doctor')).code).toBe(3);
			} finally {
				await swarm.nodes[1]?.docker('node', 'promote', first.name);
				const isManager = async () =>
					swarm.nodes[0]?.docker('node', 'ls').then(
						() => true,
						() => false,
					);
				await expect.poll(isManager).toBe(true);
				place.remove();
				await Promise.all([first.stop(), second.stop()]);
			}
		},
	);
});

describe.skipIf(withoutSwarm !== undefined)('two operators on two managers', () => {
	test('exclude each other, also when one of the managers dies', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		await openOn(stack).must('wait_converged 120 1');
		const [first, second] = swarm.nodes;
		if (first === undefined || second === undefined) {
			throw new Error('there are three managers');
		}
		const one = createPlace(stack, first);
		const two = createPlace(stack, second);
		try {
			const said = await Promise.all([one.backout(...hold), two.backout(...hold)]);
			expect(said.map(({ code }) => code).sort(), said.map(({ text }) => text).join('\n')).toEqual([0, 4]);
			const isFirst = said[0]?.code === 0;
			const winner = isFirst ? one : two;
			const loser = isFirst ? two : one;
			const node = isFirst ? first : second;
			const id = idIn(said[isFirst ? 0 : 1]?.text ?? '');
			const refused = said[isFirst ? 1 : 0]?.text ?? '';
			expect(refused).toMatch(new RegExp(`is locked by .* hold, run ${id} on ${node.name}`));
			expect(refused).not.toContain('Nothing is heard from');
			expect((await loser.backout('runs')).text).toMatch(new RegExp(`${id} .*unknown .*lives on ${node.name}`));
			const attached = await loser.backout('attach', id);
			expect(attached.text).toContain(`run ${id} lives on ${node.name}, which alone knows its state`);
			expect(attached.code).toBe(6);
			const unlock = await loser.backout('unlock', id, '--confirm', 't', '--reason', 'test');
			expect(unlock.text).toContain(`${node.name} is still heard from, and knows the state of run ${id}`);
			expect(unlock.code).toBe(4);

			await node.kill();
			const unknown = `Nothing is heard from ${node.name}, so the state of that run is unknown until it is back`;
			await expect.poll(async () => (await loser.backout('attach', id)).text, { timeout: 90_000 }).toContain(unknown);
			const again = await loser.backout(...hold);
			expect(again.text).toContain(unknown);
			expect(again.text).toContain(` unlock ${id}`);
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
		// A run that has the lock changes the stack; once somebody has given up its lock, it does so no more.
		const own = { run_facts: join(dirname(host.restore), 'facts') };
		expect(await take('"$run_id"', '/s')).toMatchObject({ code: 0 });
		await host.must('scale_service web 3', own);
		await host.must('free_shared_lock "$run_id"');
		const refused = { code: 1, text: 'somebody has given up the lock of this run, which changes nothing more' };
		expect(await host.run('scale_service web 2', own)).toEqual(refused);
		expect(await host.run('set_availability node-2 drain', own)).toEqual(refused);
		expect(await stack.read('web', '{{.Spec.Mode.Replicated.Replicas}}')).toBe('3');
		expect(await host.must('shared_lock')).toBe('');
		expect(await swarm.manager.docker('config', 'ls', '--filter', 'name=backout-', '--quiet')).toBe('');
	});
});
