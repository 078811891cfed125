import type { CheckDefinition } from '../../runbook/runbook.ts';
import { type Interval, msOf } from '../monitors/poll-rate.ts';
import { checkKindOf } from './check-kinds.ts';

/** Minimum interval between runs of a check with an interval of its own, ms: each may start a program in a container. */
export const closestMs = 5000;

/** True when a check's kind has an interval of its own. */
export const hasOwnInterval = (definition: CheckDefinition | undefined): boolean =>
	definition !== undefined && checkKindOf(definition).intervalMs !== undefined;

/** The time until the next run of one check, given its results so far. */
export interface RecheckInterval {
	readonly ms: Interval;
	/** Records the result of a run. */
	saw(state: 'passed' | 'failed' | 'unknown'): void;
}

/**
 * Returns the interval of a check that may have its own. After a run that did not pass, the next ones come sooner, then rarely again:
 * 5, 10, 20 s, up to its interval.
 *
 * @param hurried true while a verdict waits for it: then it runs every 5 s
 */
export const recheckInterval = (
	definition: CheckDefinition | undefined,
	given: Interval,
	hurried: boolean,
): RecheckInterval => {
	const ownMs = definition && checkKindOf(definition).intervalMs?.(definition);
	if (ownMs === undefined) {
		return { ms: given, saw: () => {} };
	}
	let sooner: number | undefined;
	return {
		ms: () => Math.max(closestMs, msOf(given), hurried ? 0 : Math.min(sooner ?? Infinity, ownMs)),
		saw: (state) => {
			sooner = state === 'passed' ? undefined : sooner === undefined ? closestMs : 2 * sooner;
		},
	};
};

/** Passes requests on, at least `gapMs` after the last one; an earlier one is delayed, once. */
export const spaced = (gapMs: number, act: () => void) => {
	let last = Number.NEGATIVE_INFINITY;
	let timer: NodeJS.Timeout | undefined;
	return {
		began: () => {
			last = performance.now();
		},
		request: () => {
			const left = last + gapMs - performance.now();
			if (left <= 0) {
				act();
			} else {
				timer ??= setTimeout(() => {
					timer = undefined;
					act();
				}, left);
			}
		},
		stop: () => clearTimeout(timer),
	};
};
