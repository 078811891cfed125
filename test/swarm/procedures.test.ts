import { describe, expect } from 'vitest';
import type { Node } from '../nodes/node.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { createPlace } from './harness/place.ts';
import type { Host } from './harness/shell.ts';
import type { Stack } from './harness/stack.ts';

const test = swarmTest({ managers: 1, workers: 1 });
const long = { tags: ['long'] };

/** A restore as an operator writes it: the volume is on a worker, where nothing of backout runs. */
const restore = `  restore:
    title: Restore the data
    when: For a test.
    risk: destructive
    preconditions:
      - { id: node, title: The node of the data is known, script: data-node }
    steps:
      - id: stop
        title: Stop the database
        run: |
          data_node database >"$run_dir/node" && scale_service database 0 && wait_converged 60 0 database
      - id: restore
        title: Restore the data on its node
        run: |
          run_beside "$(cat "$run_dir/node")" database '
            cp /data/backup /data/live
            echo "has \\"$(cat /data/live)\\""
          '
      - { id: start, title: Start the database, run: scale_service database 1 && wait_converged 60 2 database }
    interrupts: [database]
scripts: { data-node: data_node database }
`;

describe.skipIf(withoutSwarm !== undefined)('procedures of a stack, by one command', () => {
	test('data is restored on the node that has it, which is a worker', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		await host.must('wait_converged 120 1');
		const place = createPlace(stack, swarm.manager, { runbook: restore });
		const worker = swarm.nodes[1];
		const inDatabase = async (script: string): Promise<string> => {
			const container = await worker?.docker('ps', '-q', '--filter', `name=${stack.name}_database`);
			return (await worker?.docker('exec', container ?? '', 'sh', '-c', script)) ?? '';
		};
		try {
			await inDatabase('echo then >/data/backup; echo now >/data/live');
			const refused = await place.backout('run', 'restore', '--yes');
			expect(refused.code, refused.text).toBe(4);
			const run = await place.backout('run', 'restore', '--confirm', 't', '--reason', 'test');
			expect(run.text).toContain('has "then"');
			expect(run.code, run.text).toBe(0);
			expect(await inDatabase('cat /data/live')).toBe('then');
			expect(await swarm.manager.docker('service', 'ls', '-q', '--filter', 'name=backout-')).toBe('');

			const node = await host.must('data_node database');
			const failed = await host.run(`run_beside ${node} database 'echo lost; exit 7'`);
			expect(failed).toEqual({ code: 7, text: 'lost' });
			await host.must('set_availability node-2 drain');
			const nowhere = await host.run(`beside_limit=4; run_beside ${node} database 'echo here'`);
			expect(nowhere.text).toMatch(/no container was started beside database: .*no suitable node/);
			expect(nowhere.code).toBe(1);
			expect(await swarm.manager.docker('service', 'ls', '-q', '--filter', 'name=backout-')).toBe('');
		} finally {
			await host.run('set_availability node-2 active');
			place.remove();
		}
	});

	const start = async (stack: Stack, host: Host, manager: Node) => {
		await stack.deploy();
		await host.must('wait_converged 120 1');
		const place = createPlace(stack, manager);
		return {
			place,
			run: async (...words: readonly string[]) => {
				const { code, text } = await place.backout(...words, '--yes', '--reason', 'test');
				expect(code, text).toBe(0);
			},
			running: async (service: string) =>
				(await stack.tasks(service)).filter(({ state }) => state === 'running').length,
		};
	};

	test('a service is scaled to zero, and an undo scales it back', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		const { place, run, running } = await start(stack, openOn(stack), swarm.manager);
		try {
			await run('run', 'scale-service', '--input', 'scaled=web', '--input', 'tasks=0');
			expect(await running('web')).toBe(0);
			await run('undo', 'last');
			expect(await running('web')).toBe(2);
		} finally {
			place.remove();
		}
	});

	test('a node is drained, and an undo brings it back', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		const { place, run, running } = await start(stack, openOn(stack), swarm.manager);
		const availability = () => swarm.manager.docker('node', 'inspect', '--format', '{{.Spec.Availability}}', 'node-2');
		try {
			const plan = await place.backout('plan', 'drain-node', '--input', 'node=node-2');
			expect(plan.text).toContain('database is bound to this node');
			const drained = await place.backout('run', 'drain-node', '--input', 'node=node-2', '--yes', '--reason', 'test');
			expect(await availability()).toBe('drain');
			// The database is bound to it, so the stack has not converged, and the verdict says so.
			expect(drained.text).toMatch(/verification failed.*database/s);
			expect(drained.code, drained.text).toBe(5);
			await run('undo', 'last');
			expect(await availability()).toBe('active');
			expect([await running('database'), await running('agent')]).toEqual([1, 2]);
		} finally {
			await swarm.manager.docker('node', 'update', '--availability', 'active', 'node-2');
			place.remove();
		}
	});
});
