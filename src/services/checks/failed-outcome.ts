import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../host/host.ts';
import { withDeadline } from '../host/with-deadline.ts';
import { probeFailure } from '../monitors/probe.ts';
import type { CheckFunction, Outcome } from './outcome.ts';

/** Returns the outcome for an endpoint that did not answer properly. Throws every other error: nothing is known about the endpoint then. */
export const failedOutcome = (error: unknown, asked: string): Outcome => {
	if (error instanceof BackoutError && error.code === 'failed') {
		return { state: 'failed', reason: error.message, asked, evidence: '' };
	}
	throw error;
};

/**
 * Returns a check of one connection: it fails when the connection does, or does not end in time, and rejects when nothing is known about
 * the other side.
 */
export const checkConnection =
	(
		host: Pick<Host, 'name'>,
		{ asked, timeoutMs }: { readonly asked: string; readonly timeoutMs: number },
		look: CheckFunction,
	): CheckFunction =>
	async (signal) => {
		try {
			return await withDeadline(timeoutMs, signal, look);
		} catch (error) {
			signal.throwIfAborted();
			return failedOutcome(probeFailure(host.name, { timeoutMs }, error), asked);
		}
	};
