import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 1, workers: 1 });

describe.skipIf(withoutSwarm !== undefined)('the Swarm of the tests', () => {
	test('runs a stack over its nodes', async ({ swarm, openStack }) => {
		const stack = await openStack();
		await stack.deploy();
		await stack.runs('web', [image('1'), image('1')]);
		await stack.runs('agent', [image('1'), image('1')]);
		await stack.runs('database', [image('1')]);
		const [database] = await stack.tasks('database');
		const worker = await swarm.manager.docker('node', 'inspect', '--format', '{{.ID}}', 'node-2');
		expect(database?.node).toBe(worker);
	});
});
