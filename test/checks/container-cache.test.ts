import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { Instance } from '../../src/engine/instance.ts';
import { createContainerCache } from '../../src/services/checks/container-cache.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';

/** A Docker with containers that are listed with these words; counts what is asked. */
const fake = (words: Record<string, string>) => {
	const asked: string[] = [];
	const starts = new Map<string, number>();
	const calls = {
		list: async () =>
			Object.entries(words).map(([id, said]) => ({ id, name: id, service: id, status: 'running', words: said })),
		inspect: async (id: string) => {
			asked.push(id);
			return {
				id,
				name: id,
				service: id,
				status: 'running',
				probes: [],
				startedAt: starts.get(id) ?? 1000,
			} as unknown as Instance;
		},
	};
	const engine = {
		...calls,
		clock: { now: () => Date.now(), toLocal: (at: number) => at },
		events: async function* () {},
	};
	const context = { engine, instances: createInstanceModel(engine as unknown as Engine) } as unknown as Parameters<
		typeof createContainerCache
	>[0];
	return { context, asked, starts, words };
};

const pastSharing = () => new Promise((resolve) => setTimeout(resolve, 120));
const { signal } = new AbortController();

test('who watches has only those inspected that the list says have changed', async () => {
	const { context, asked, starts, words } = fake({ a: 'Up 3 minutes', b: 'Up 2 hours', c: 'Up 5 seconds' });
	const snapshots = createContainerCache(context, { reuse: true });
	await snapshots.take(signal);
	expect(asked.splice(0).sort()).toEqual(['a', 'b', 'c']);
	await pastSharing();
	// The words of one that has been up for seconds may be those of another start.
	await snapshots.take(signal);
	expect(asked.splice(0)).toEqual(['c']);
	await pastSharing();
	starts.set('b', 5000);
	words.b = 'Up 1 second';
	const { containers } = await snapshots.take(signal);
	expect(asked.splice(0).sort()).toEqual(['b', 'c']);
	expect(containers.find(({ id }) => id === 'b')?.startedAt).toBe(5000);
	expect(snapshots.newestStart()).toBe(5000);
});

test('a verdict has all of them inspected each time', async () => {
	const { context, asked } = fake({ a: 'Up 3 minutes', b: 'Up 2 hours' });
	const snapshots = createContainerCache(context);
	await snapshots.take(signal);
	await pastSharing();
	await snapshots.take(signal);
	expect(asked.sort()).toEqual(['a', 'a', 'b', 'b']);
});
