import { describe, expect } from 'vitest';
import { sshdMissing, startSshd } from '../ssh/sshd.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { agentsWithUsage, createPlace } from './harness/place.ts';

const test = swarmTest({ managers: 1, workers: 1 });

describe.skipIf(withoutSwarm !== undefined || sshdMissing() !== undefined)('a worker that the target names', () => {
	test('has the usage of its tasks read there, until it is not reached any more', { tags: ['long'] }, async ({
		openStack,
		openOn,
		swarm,
	}) => {
		const stack = await openStack();
		await stack.deploy();
		await openOn(stack).must('wait_converged 120 1');
		const node = swarm.nodes[1];
		const worker = await startSshd([`SetEnv SHLVL=1 DOCKER_HOST=unix://${node?.socket}`]);
		const place = createPlace(stack, swarm.manager, {
			target: `    workers: [${worker.destination}]\n    identityFile: ${worker.identity}\n    knownHosts: ${worker.knownHosts}\n`,
		});
		try {
			// There is one on each node.
			const screen = place.open();
			await screen.waitFor((rows) => agentsWithUsage(rows) === 2, 120_000).finally(() => screen.close());

			const doctor = await place.backout('doctor');
			expect(doctor.text).toMatch(new RegExp(`${worker.destination}\n.*Link:.*\n.*Worker:.* ${node?.name} is a node`));
			expect(doctor.code, doctor.text).toBe(0);
			await worker.stop();
			const without = await place.backout('doctor');
			expect(without.text).toMatch(new RegExp(`${worker.destination}\n.*Link:.* warning: .*refused`));
			expect(without.code, without.text).toBe(0);
			// Nothing waits for it.
			const status = await place.backout('status');
			expect(status.code, status.text).toBe(0);
		} finally {
			place.remove();
			await worker.stop();
		}
	});
});
