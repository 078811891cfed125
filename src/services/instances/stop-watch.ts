import type { InstanceEvent } from '../../engine/instance.ts';

/** Longest time from the signal to the end of an instance that is being stopped, ms. */
const longestStopMs = 300_000;

/** Detects from events which instances somebody has stopped: they received a signal, ended, and were not started again. */
export interface StopWatch {
	readonly stopped: ReadonlySet<string>;
	note(event: InstanceEvent): void;
	forget(id: string): void;
}

export const createStopWatch = (): StopWatch => {
	const stopped = new Set<string>();
	/** Time when an instance received a signal, by id. */
	const signalled = new Map<string, number>();
	const forget = (id: string) => {
		stopped.delete(id);
		signalled.delete(id);
	};
	return {
		stopped,
		forget,
		note: ({ id, action }) => {
			if (action === 'kill') {
				signalled.set(id, Date.now());
			} else if (action === 'start') {
				forget(id);
			} else if (action === 'die' && Date.now() - (signalled.get(id) ?? 0) < longestStopMs) {
				stopped.add(id);
			}
		},
	};
};
