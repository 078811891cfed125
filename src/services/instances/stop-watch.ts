import type { InstanceEvent } from '../../engine/instance.ts';

/** From the signal to the end of an instance that is being stopped, ms. */
const longestStopMs = 300_000;

/** Tells from events which instances somebody has stopped: they were sent a signal, ended, and were not started again. */
export interface StopWatch {
	readonly stopped: ReadonlySet<string>;
	note(event: InstanceEvent): void;
	forget(id: string): void;
}

export const createStopWatch = (): StopWatch => {
	const stopped = new Set<string>();
	/** When an instance was sent a signal, by id. */
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
