import { setTimeout as sleep } from 'node:timers/promises';
import type { LockHolder } from '../../runbook/run.ts';
import { LockHeldError } from '../../services/runner/client/lock.ts';
import type { Session } from '../fleet/session.ts';
import { readLock } from './runs-elsewhere.ts';

/** Pause between two questions for the lock, ms; a random part keeps many pipelines from asking at the same moment. */
const pauseMs = 1000;

export interface WaitOptions {
	/** The longest time to wait, ms; 0: not at all. */
	readonly forMs: number;
	/** Called when waiting begins, and whenever another run holds the lock. */
	onHeld(holder: LockHolder): void;
}

/**
 * Does something that takes the deployment's lock, as soon as it is free: plans are made anew after each wait, because the run before may
 * have changed everything. Rejects with what `act` rejects with; with a LockHeldError when the lock was not free in time.
 *
 * @param act is repeated as long as it rejects with a LockHeldError
 */
export const whenFree = async <T>(
	session: Session,
	{ forMs, onHeld }: WaitOptions,
	act: () => Promise<T>,
	signal: AbortSignal,
): Promise<T> => {
	const until = performance.now() + forMs;
	let told: string | undefined;
	const tell = (holder: LockHolder) => {
		if (holder.run !== told) {
			told = holder.run;
			onHeld(holder);
		}
	};
	/** Waits until nobody is seen to hold the lock, or the time is up. */
	const untilFree = async () => {
		while (performance.now() < until) {
			const holder = await readLock(session, signal);
			if (holder === undefined) {
				return;
			}
			tell(holder);
			await sleep(Math.min(pauseMs * (1 + Math.random()), Math.max(0, until - performance.now())), undefined, {
				signal,
			});
		}
	};
	await untilFree();
	for (;;) {
		try {
			return await act();
		} catch (error) {
			if (!(error instanceof LockHeldError) || performance.now() >= until) {
				throw error;
			}
			tell(error.holder);
		}
		await sleep(pauseMs * Math.random(), undefined, { signal });
		await untilFree();
	}
};
