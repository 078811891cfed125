import type { Session } from '../application/fleet/session.ts';
import { whenFree } from '../application/runs/when-free.ts';
import { shortDuration } from '../components/format-time.ts';
import type { LockHolder } from '../runbook/run.ts';
import { durationOf } from './duration-option.ts';
import { masked, printError, printJson, safe, yellow } from './print.ts';

export interface LockOptions {
	/** A duration: how long to wait for the lock. */
	readonly wait?: string;
	readonly json?: boolean;
}

const printHolder = ({ run, who, procedure, since, reason }: LockHolder, forMs: number, json: boolean): void => {
	if (json) {
		printJson(masked({ type: 'lock-held', run, procedure, who, since, reason, waitSeconds: forMs / 1000 }));
		return;
	}
	const from = since > 0 ? `, since ${new Date(since).toISOString().slice(11, 19)} UTC` : '';
	const why = reason === '' ? '' : ` (${reason.slice(0, 200)})`;
	printError(
		`${yellow('◔')} waiting for the lock, at most ${shortDuration(forMs)}: ${safe(`${procedure} by ${who.user}@${who.machine}, run ${run}${from}${why}`)}`,
	);
};

/** Does something that takes the lock, and waits for it first, as long as `--wait` allows; tells who holds it. */
export const waitForLock = <T>(
	session: Session,
	{ wait, json = false }: LockOptions,
	act: () => Promise<T>,
	signal: AbortSignal,
): Promise<T> => {
	const forMs = wait === undefined ? 0 : durationOf('--wait', wait);
	return whenFree(session, { forMs, onHeld: (holder) => printHolder(holder, forMs, json) }, act, signal);
};
