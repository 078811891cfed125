import { expect, test } from 'vitest';
import { playHistories } from './play.ts';

// The short form of `npm run histories`: as many as there are in forty seconds, fifty at most. HISTORIES_SEED repeats a choice.
const seed = Number(process.env.HISTORIES_SEED ?? Date.now() % 100_000);

test(`histories of two operators, seed ${seed}`, async () => {
	const { played, report } = await playHistories({ runs: 50, seed, limitMs: 40_000 });
	expect(report).toBeUndefined();
	expect(played).toBeGreaterThan(0);
});
