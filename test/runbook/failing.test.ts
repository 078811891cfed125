import { expect, test } from 'vitest';
import { createFailureClock } from '../../src/runbook/failure-clock.ts';

/** A look each `every` seconds: F fails, P passes, S has passed for the settling time, ? is not known. @returns when it lasted. */
const lastsAt = (looks: string, every = 5, holdSeconds = 30): number | undefined => {
	const clock = createFailureClock(holdSeconds * 1000);
	for (const [index, look] of [...looks].entries()) {
		const at = index * every * 1000;
		const state = look === 'F' ? 'failed' : look === '?' ? 'unknown' : 'passed';
		clock.observe({ state, settled: look === 'S', at });
		if (clock.lasts) {
			return at / 1000;
		}
	}
	return undefined;
};

test('a failure that goes on lasts once it is as old as it must be', () => {
	expect(lastsAt('SSFFFFFFFFF')).toBe(2 * 5 + 30);
});

test('a flap does not, however often, when all held long enough in between', () => {
	expect(lastsAt('SFFPPPPPS'.repeat(20))).toBeUndefined();
});

test('a service that comes up between its crashes is failing', () => {
	expect(lastsAt('FPFPFPFPFPFPFPFP')).toBe(60);
	expect(lastsAt('FFPPPPFFPPPPFFPPPPFF')).toBeDefined();
});

test('what is not known adds nothing, and is never what it acts on', () => {
	expect(lastsAt('F?????????????????????')).toBeUndefined();
	expect(lastsAt('????????????????')).toBeUndefined();
	expect(lastsAt('F?F?F?F?F?F?F?F?F?F?')).toBeUndefined();
	// Nor does it take away what has added up before.
	expect(lastsAt('FFFF????FFFF?')).toBe(11 * 5);
	expect(lastsAt('FFFFFF?')).toBeUndefined();
});

test('a few looks do not, however far they are apart', () => {
	expect(lastsAt('FFFF', 600)).toBe(1800);
	expect(lastsAt('FFF', 600)).toBeUndefined();
});
