import { existsSync } from 'node:fs';
import { test as base } from 'vitest';
import { engineMissing } from '../../engine/harness/engine.ts';
import type { Node } from '../../nodes/node.ts';
import { type Host, openHost } from './shell.ts';
import { createStack, type Stack } from './stack.ts';
import { type Swarm, type SwarmSize, startSwarm } from './swarm.ts';

/** The reason why no Swarm can run here; undefined when one can. */
export const withoutSwarm: string | undefined =
	(await engineMissing()) ?? (existsSync('/usr/bin/nsenter') ? undefined : 'nsenter is not installed (util-linux)');

if (withoutSwarm !== undefined && process.env.BACKOUT_LAB === 'required') {
	throw new Error(`a Swarm is required: ${withoutSwarm}`);
}

export interface WithSwarm {
	/** The Swarm of this file. A test that breaks a node mends it again. */
	readonly swarm: Swarm;
	/** Makes a stack, which is removed after the test. */
	readonly openStack: () => Promise<Stack>;
	/** Opens a manager (the first one, unless told otherwise) for scripts of a stack; its state is removed after the test. */
	readonly openOn: (stack: Stack, node?: Node) => Host;
}

/** A test on a Swarm of this size, which all tests of its file share. */
export const swarmTest = (size: SwarmSize) =>
	base.extend<WithSwarm>({
		swarm: [
			// biome-ignore lint/correctness/noEmptyPattern: vitest reads which fixtures a fixture needs from this pattern
			async ({}, use) => {
				const swarm = await startSwarm(size);
				await use(swarm);
				await swarm.stop();
			},
			{ scope: 'file' },
		],
		openStack: async ({ swarm }, use) => {
			const stacks: Stack[] = [];
			await use(async () => {
				const stack = await createStack(swarm);
				stacks.push(stack);
				return stack;
			});
			for (const stack of stacks) {
				await stack.remove();
			}
		},
		openOn: async ({ swarm }, use) => {
			const hosts: Host[] = [];
			await use((stack, node = swarm.manager) => {
				const host = openHost(stack, node);
				hosts.push(host);
				return host;
			});
			for (const host of hosts) {
				host.remove();
			}
		},
	});
