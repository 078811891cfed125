import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFailureClock, type Observation } from '../../../src/runbook/failure-clock.ts';
import { countFailures } from '../../../src/services/runner/guard/guard-steps.ts';
import { shellMissing, shellPath, shells } from '../shells.ts';

interface History {
	readonly lastingMs: number;
	readonly seen: readonly Observation[];
}

const history: fc.Arbitrary<History> = fc.record({
	lastingMs: fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1000),
	seen: fc
		.array(
			fc.record({
				state: fc.constantFrom('failed', 'failed', 'passed', 'unknown'),
				settled: fc.boolean(),
				later: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.constant(600_000)),
			}),
			{ maxLength: 30 },
		)
		.map((steps) => {
			let at = 1_000_000;
			return steps.map(({ state, settled, later }): Observation => {
				at += later;
				return { state, settled: settled && state === 'passed', at };
			});
		}),
});

/** What the guard in the client counts: after each observation, whether the failure lasts. */
const byClient = ({ lastingMs, seen }: History): string[] => {
	const clock = createFailureClock(lastingMs);
	return seen.map((observation) => {
		clock.observe(observation);
		return clock.lasts ? 'lasts' : 'not';
	});
};

describe.each(shells)('counting on the host, in %s', (shell) => {
	test.skipIf(shellMissing(shell))('is the counting of the client, for any history', () => {
		const histories = fc.sample(history, { numRuns: 300, seed: 19 });
		const script = [
			countFailures,
			...histories.flatMap(({ lastingMs, seen }) => [
				`failed_thirds=0 last_state='' last_at=0 lasting_ms=${lastingMs}`,
				...seen.map(
					({ state, settled, at }) =>
						`count ${state} ${Number(settled)} ${at}; if lasts; then echo lasts; else echo not; fi`,
				),
			]),
		].join('\n');
		const words = shell === 'busybox' ? ['sh'] : [];
		const counted = execFileSync(shellPath(shell), words, { input: script, encoding: 'utf8' }).trim().split('\n');
		const expected = histories.flatMap(byClient);
		expect(counted).toEqual(expected);
		// The histories are not all alike.
		expect(expected.filter((one) => one === 'lasts').length).toBeGreaterThan(50);
	});
});
