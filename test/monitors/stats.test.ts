import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { Usage } from '../../src/engine/instance.ts';
import { startStats } from '../../src/services/monitors/stats.ts';

/** An engine that reads instances together as it is told, and follows each. */
const engineWith = (usageOfAll: Engine['usageOfAll']) => {
	const followed = new Set<string>();
	const engine = {
		streams: () => true,
		usageOfAll,
		usage: async function* (id: string, { signal }: { signal: AbortSignal }) {
			followed.add(id);
			yield { memoryBytes: 2 };
			await new Promise((resolve) => signal.addEventListener('abort', resolve));
			followed.delete(id);
		},
	} as unknown as Engine;
	const seen = new Map<string, Usage>();
	let ticks = 0;
	const stats = startStats(engine, {
		sample: (id, use) => seen.set(id, use),
		everyMs: 1,
		tick: () => {
			ticks++;
		},
	});
	return { followed, seen, stats, ticks: () => ticks };
};

test('instances that are read together are not followed, but those that are missing twice are', async () => {
	const samples = Array.from({ length: 3 }, () => Promise.withResolvers<readonly string[]>());
	const { followed, seen, stats, ticks } = engineWith(async function* () {
		for (const { promise } of samples) {
			const read = await promise;
			yield new Map(['a', 'b'].map((id) => [id, read.includes(id) ? { memoryBytes: 1 } : undefined]));
		}
		await new Promise(() => {});
	});
	stats.watch(['a', 'b']);
	samples[0]?.resolve(['a']);
	await expect.poll(() => [...seen]).toEqual([['a', { memoryBytes: 1 }]]);
	expect([...followed]).toEqual([]);
	samples[1]?.resolve(['a']);
	await expect.poll(() => [...followed]).toEqual(['b']);
	samples[2]?.resolve(['a', 'b']);
	await expect.poll(() => [...followed]).toEqual([]);
	expect(ticks()).toBeGreaterThanOrEqual(3);
	stats.stop();
});

test.each([
	['ends', async function* () {}],
	[
		'fails',
		// biome-ignore lint/correctness/useYield: it fails before
		async function* (): AsyncGenerator<never> {
			throw new Error('no session');
		},
	],
])('each is followed where reading them together %s', async (_, usageOfAll) => {
	const { followed, seen, stats } = engineWith(usageOfAll);
	stats.watch(['a']);
	await expect.poll(() => [...seen]).toEqual([['a', { memoryBytes: 2 }]]);
	stats.watch(['a', 'b']);
	await expect.poll(() => [...followed].toSorted()).toEqual(['a', 'b']);
	stats.stop();
	await expect.poll(() => [...followed]).toEqual([]);
});
