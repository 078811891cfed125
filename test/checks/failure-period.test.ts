import { expect, test } from 'vitest';
import type { CheckResult } from '../../src/runbook/check.ts';
import { createFailurePeriod } from '../../src/services/checks/failure-period.ts';
import type { CheckStanding } from '../../src/services/checks/judge-checks.ts';

const passes: CheckStanding = { failed: [], unknown: [], holdingSince: 0, heldMs: 0 };
const fails: CheckStanding = { failed: [{} as CheckResult], unknown: [], heldMs: 0 };
const unknown: CheckStanding = { failed: [], unknown: [{} as CheckResult], heldMs: 0 };

/** Plays states at seconds; gives the settling time in seconds, of three that were asked for. */
const settleAfter = (...states: readonly (readonly [number, CheckStanding])[]): number => {
	let now = 0;
	const period = createFailurePeriod(3000, () => now);
	for (const [at, standing] of states) {
		now = at * 1000;
		period.note(standing);
	}
	return period.settleMs() / 1000;
};

test('the settling time is the one asked for while nothing fails again', () => {
	expect(settleAfter([0, fails], [1, fails], [2, passes])).toBe(3);
	expect(settleAfter([0, passes], [2, fails], [4, passes])).toBe(3);
	// A lost link tells nothing of the service.
	expect(settleAfter([0, passes], [2, unknown], [4, passes], [6, unknown], [8, passes])).toBe(3);
});

test('what fails every other time has to pass for longer than it ever did', () => {
	const flapping = [0, 4, 8, 12].flatMap((at) => [[at, passes] as const, [at + 2, fails] as const]);
	expect(settleAfter(...flapping)).toBe(10);
	expect(settleAfter([0, passes], [2, fails], [3, passes], [22, fails], [23, passes])).toBe(30);
	// It can be waited for.
	expect(settleAfter([0, passes], [2, fails], [3, passes], [3600, fails], [3601, passes])).toBe(600);
});
