import type { Session } from '../application/fleet/session.ts';
import { type GuardTimes, type PlanOnHost, planOnHost } from '../application/runs/guard-on-host.ts';
import type { Guarded } from '../application/runs/prepare-guard.ts';
import { BackoutError, messageOf } from '../runbook/errors.ts';
import type { GuardOptions } from './guard-on-host.ts';
import { glyph, printError, safe } from './print.ts';

/** The machine that watches for a guard: the host, or this one. */
export interface GuardPlace {
	/** The plan of a guard on the host; undefined: this machine watches. */
	readonly plan: PlanOnHost | undefined;
	/** The checks that the host cannot ask by itself, and why. Unsanitised. */
	readonly notAsked: readonly string[];
}

/**
 * Decides where a guard watches: on the host if it can ask all checks by itself, unless the options say where. Throws `refused` if it
 * cannot be where the options need it.
 */
export const choosePlace = async (
	session: Session,
	guarded: Pick<Guarded, 'plan'>,
	times: GuardTimes,
	{ onHost, here, detach }: Pick<GuardOptions, 'onHost' | 'here' | 'detach'>,
	signal: AbortSignal,
): Promise<GuardPlace> => {
	if (here === true) {
		return { plan: undefined, notAsked: [] };
	}
	const planned = await planOnHost(session, guarded, times, signal).catch((error: unknown) => {
		signal.throwIfAborted();
		if (onHost === true) {
			throw error;
		}
		return messageOf(error);
	});
	const notAsked = typeof planned === 'string' ? [planned] : planned.guard.notAsked;
	if (typeof planned !== 'string' && (onHost === true || notAsked.length === 0)) {
		return { plan: planned, notAsked };
	}
	if (detach === true) {
		throw new BackoutError('refused', `this machine has to watch, so nothing could go on: ${notAsked.join('; ')}`, {
			host: session.host.name,
			next: 'nothing was changed; --on-host lets the host watch without that, or leave out --detach',
		});
	}
	return { plan: undefined, notAsked };
};

/** Says why this machine watches, if the host was to. */
export const printHere = ({ notAsked }: GuardPlace): void => {
	if (notAsked.length === 0) {
		return;
	}
	printError('  This machine watches, and the guard ends with this command, because the host cannot ask all checks:');
	for (const one of notAsked) {
		printError(`  ${glyph('unknown')} ${safe(one)}`);
	}
	printError('  With --on-host the host watches without what it cannot ask.');
};
