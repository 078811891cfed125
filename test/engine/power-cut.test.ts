import { expect, test } from 'vitest';
import { cutDiskMissing } from '../power-cuts/cut-disk.ts';
import { type During, playPowerCuts } from '../power-cuts/play.ts';
import { createRandom } from '../soak/random.ts';
import { withoutEngine } from './harness/index.ts';

// A part of `npm run power-cuts`. POWER_SEED repeats a choice of moments.
const seed = Number(process.env.POWER_SEED ?? Date.now() % 100_000);
const missing = await cutDiskMissing();
if (missing !== undefined) {
	console.warn(`skipped: ${missing}`);
}

test.skipIf(withoutEngine || missing !== undefined).for<During>(['run', 'undo'])(
	`the power is cut at three moments of a rollback's %s, seed ${seed}`,
	{ tags: 'long' },
	async (during) => {
		const cuts = await playPowerCuts(during);
		try {
			const random = createRandom(seed);
			for (let count = 0; count < 3; count += 1) {
				const moment = random.between(0, cuts.moments - 1);
				const { found, violations } = await cuts.judge(moment);
				expect(violations, `${moment} of ${cuts.moments}: ${found}`).toEqual([]);
			}
		} finally {
			await cuts.close();
		}
	},
);
