import type { Session } from '../application/fleet/session.ts';
import { startMonitoring } from '../application/watching/monitoring.ts';
import { type ReadingsNow, readNow, watchedReadings } from '../application/watching/readings-now.ts';
import { isSettled } from '../runbook/reading.ts';
import { maskDeep } from '../runbook/secrets-deep.ts';
import { watchedBy } from '../services/monitors/monitor-kinds.ts';

/** The readings of a target for `status`. The caller stops it. */
export interface ReadingsWatch {
	/** Returns all current readings, secrets masked. */
	take(): ReadingsNow;
	/** Resolves when each was read, or failed for a known reason, or the time is up; or on abort. */
	arrived(patienceMs: number, signal: AbortSignal): Promise<void>;
	/** @returns a function that ends the subscription */
	subscribe(listener: () => void): () => void;
	stop(): void;
}

export const watchReadings = (session: Session): ReadingsWatch => {
	const { host, target } = session;
	const monitoring = startMonitoring(session);
	const { readings } = monitoring;
	const watches = watchedBy(target.runbook);
	const watched = watchedReadings(readings, watches);
	const allThere = () =>
		watched.every((store) => isSettled(store.get())) &&
		readings.verification.get()?.checks.every(({ at }) => at > 0) === true;
	const subscribe = (listener: () => void) => {
		const ends = [...watched, readings.verification, readings.suggestion, host.link].map((store) =>
			store.subscribe(listener),
		);
		return () => {
			for (const end of ends) {
				end();
			}
		};
	};
	return {
		take: () =>
			maskDeep(readNow({ target: target.name, host: host.name, link: host.link.get() }, readings, watches, Date.now())),
		arrived: (patienceMs, signal) =>
			new Promise((resolve) => {
				const done = () => {
					clearTimeout(timer);
					unsubscribe();
					signal.removeEventListener('abort', done);
					resolve();
				};
				const look = () => allThere() && done();
				const timer = setTimeout(done, patienceMs);
				const unsubscribe = subscribe(look);
				signal.addEventListener('abort', done);
				look();
			}),
		subscribe,
		stop: monitoring.stop,
	};
};
