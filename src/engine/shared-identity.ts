import { BackoutError, messageOf } from '../runbook/errors.ts';
import type { DeploymentIdentity, DeploymentOptions } from './deployment.ts';

/** Lifetime of an answer for scripts that only read, ms. A plan asks again. */
const freshMs = 30_000;
/** The same of an answer that it is not known, ms: callers at one moment are told the same. */
const unknownMs = 1000;

/** Says why a deployment could not be identified, with the next move. */
export const whyUnknown = (error: unknown): string =>
	error instanceof BackoutError && error.next !== undefined
		? `${error.message}. ${error.next.replace(/\.$/, '')}`
		: messageOf(error);

/**
 * Returns a function that identifies a deployment; callers share an answer for half a minute.
 *
 * @param find identifies it now; rejects only with the signal's reason
 */
export const shareIdentity = <T extends DeploymentIdentity>(
	find: (signal: AbortSignal | undefined) => Promise<T>,
): ((options?: DeploymentOptions) => Promise<T>) => {
	let before: { readonly at: number; readonly answer: Promise<T>; freshMs: number } | undefined;
	return ({ fresh = false, signal } = {}) => {
		if (!fresh && before !== undefined && performance.now() - before.at < before.freshMs) {
			return before.answer;
		}
		const mine = { at: performance.now(), answer: find(signal), freshMs };
		before = mine;
		mine.answer.then(
			({ unknown }) => {
				mine.freshMs = unknown === undefined ? freshMs : performance.now() - mine.at + unknownMs;
			},
			() => {
				// Whoever asked has given up: the next caller asks for itself.
				before = before === mine ? undefined : before;
			},
		);
		return mine.answer;
	};
};
