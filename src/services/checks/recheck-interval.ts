import type { CheckDefinition } from '../../runbook/runbook.ts';
import { type Interval, msOf } from '../monitors/poll-rate.ts';
import { checkKindOf } from './check-kinds.ts';

/** Looks at a check with an interval of its own are never closer to each other, ms: each may start a program in a container. */
export const closestMs = 5000;

/** Whether the kind of a check has an interval of its own. */
export const hasOwnInterval = (definition: CheckDefinition | undefined): boolean =>
	definition !== undefined && checkKindOf(definition).intervalMs !== undefined;

/** The time to the next look at one check, by what its looks have said so far. */
export interface RecheckInterval {
	readonly ms: Interval;
	/** A look has ended. */
	saw(state: 'passed' | 'failed' | 'unknown'): void;
}

/**
 * A check may have an interval of its own. After a look that did not pass, the next ones come sooner, then
 * seldom again: 5, 10, 20 s, up to its interval.
 *
 * @param hurried a verdict is waited for: it is looked at every 5 s
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

/**
 * Passes on what is asked for, at least `gapMs` after the last that it was told of; what comes sooner is put off, once.
 */
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
