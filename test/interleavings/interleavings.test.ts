import { expect, test } from 'vitest';
import { playInterleaving, playInterleavings } from './play.ts';

// The short form of `npm run interleavings`. INTERLEAVINGS_SEED repeats a choice.
const seed = Number(process.env.INTERLEAVINGS_SEED ?? Date.now() % 1_000_000);

test(`clients over a link that is cut, seed ${seed}`, async () => {
	const { cuts, wrong } = await playInterleavings(seed, 300);
	expect(wrong).toEqual([]);
	expect(cuts).toBeGreaterThan(300);
});

test('the same seed plays the same', async () => {
	expect(await playInterleaving(7)).toEqual(await playInterleaving(7));
});
