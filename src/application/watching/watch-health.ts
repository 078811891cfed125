import type { Verification } from '../../runbook/check.ts';
import { createFailureClock } from '../../runbook/failure-clock.ts';
import type { Readable } from '../../stores/store.ts';
import type { Noted } from '../runs/health-notices.ts';

/** Pause after a report that was not possible, ms. */
const againMs = 60_000;

export interface WatchHealthOptions {
	/** Time for which checks must fail, or pass together, ms. */
	readonly settleMs: number;
	/** Says whether the host can be reached. */
	isUp(): boolean;
	report(seen: { readonly state: 'well' | 'unwell'; readonly reason: string }): Promise<Noted>;
	/** ms, by a clock that does not jump. */
	now?(): number;
}

/**
 * Reports that a deployment is well, or became unwell, from the checks of a dashboard that is open. Checks that failed when they were first
 * seen, or when a run began, are not reported: that began without this dashboard. Returns what ends it.
 */
export const watchHealth = (
	verification: Readable<Verification | undefined>,
	{ settleMs, isUp, report, now = () => performance.now() }: WatchHealthOptions,
): (() => void) => {
	const clock = createFailureClock(settleMs);
	let known: 'well' | 'unwell' | undefined;
	let reporting = false;
	let notBefore = Number.NEGATIVE_INFINITY;
	const tell = async (state: 'well' | 'unwell', reason: string): Promise<void> => {
		reporting = true;
		const noted = await report({ state, reason });
		reporting = false;
		if (noted === 'noted') {
			known = state;
			return;
		}
		notBefore = now() + againMs;
		if (noted === 'not-now') {
			// The run's own notices tell how it ends.
			known = undefined;
		}
	};
	return verification.subscribe(() => {
		const seen = verification.get();
		if (seen === undefined || seen.checks.length === 0) {
			return;
		}
		const { verdict, checks, reason } = seen;
		const passes = checks.every(({ state }) => state === 'passed');
		const state = isUp() && verdict === 'failed' ? 'failed' : isUp() && passes ? 'passed' : 'unknown';
		clock.observe({ state, settled: state === 'passed' && verdict === 'passed', at: now() });
		const next =
			verdict === 'passed' && state === 'passed' ? 'well' : clock.lasts && known === 'well' ? 'unwell' : known;
		if (next !== undefined && next !== known && !reporting && now() >= notBefore) {
			void tell(next, reason);
		}
	});
};
