import { describe, expect, test } from 'vitest';
import { programMissing } from '../helpers/program-missing.ts';
import { createRandom } from '../soak/random.ts';
import { play, pointAt, programs } from './play.ts';

// The short form of `npm run crash`: each program is killed at one system call. CRASH_SEED repeats a choice.
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 100_000);
const random = createRandom(seed);
describe.skipIf(programMissing('/usr/bin/strace', 'strace') !== undefined)(`killed, seed ${seed}`, () => {
	test.each(programs)('%s at one of its system calls', async (program) => {
		const { calls, violations: unharmed } = await play({ program, shell: 'dash' });
		expect(unharmed).toEqual([]);
		const place = random.between(1, calls.length);
		const point = pointAt(calls, place, { program, shell: 'dash' });
		const { struck, violations } = await play(point ?? { program, shell: 'dash' });
		expect(violations, `${place}: ${struck}`).toEqual([]);
	});
});
