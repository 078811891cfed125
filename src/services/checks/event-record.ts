import type { Engine } from '../../engine/engine.ts';
import type { InstanceEvent } from '../../engine/instance.ts';

/** Docker's record of a project's containers: its newest events. Times are ms by the host's clock. */
export interface EventRecord {
	/** The end of the period that was read. */
	readonly until: number;
	/** The last change of a container's health, by id. */
	readonly healthChangedAt: ReadonlyMap<string, number>;
	/** Ids of containers that received a signal before they ended, and were not started since: somebody stopped them. */
	readonly stopped: ReadonlySet<string>;
	/** Ids of containers that ended without one, and were not started since: they ended by themselves. */
	readonly ended: ReadonlySet<string>;
	/** Times between two starts of a container that ended by itself, by service, in order. */
	readonly crashPeriodsMs: ReadonlyMap<string, readonly number[]>;
}

export const noRecord: EventRecord = {
	until: 0,
	healthChangedAt: new Map(),
	stopped: new Set(),
	ended: new Set(),
	crashPeriodsMs: new Map(),
};

/** The period that Docker is asked for, ms. Docker keeps its last 256 events; Podman keeps all of them. */
const recordMs = 3_600_000;

/** Longest time from the signal to the end of a container that is being stopped, ms. */
const longestStopMs = 300_000;

/** Converts a project's events, oldest first, into a record. */
export const recordOf = (events: readonly InstanceEvent[], until: number): EventRecord => {
	const healthChangedAt = new Map<string, number>();
	const stopped = new Set<string>();
	const crashPeriodsMs = new Map<string, number[]>();
	const startedAt = new Map<string, number>();
	const killedAt = new Map<string, number>();
	/** Containers that ended by themselves: the time and the service. */
	const crashed = new Map<string, { readonly at: number; readonly service: string; readonly failed: boolean }>();
	const note = (service: string, id: string, at: number) => {
		const began = startedAt.get(id);
		if (began !== undefined) {
			crashPeriodsMs.set(service, [...(crashPeriodsMs.get(service) ?? []), Math.max(1, at - began)]);
		}
	};
	for (const { id, service, action, exitCode, nanos } of events) {
		const at = Number(nanos / 1_000_000n);
		if (action === 'health_status') {
			healthChangedAt.set(id, at);
		} else if (action === 'kill') {
			killedAt.set(id, at);
		} else if (action === 'start') {
			// A program that ended by itself and was started again has crashed, whatever its exit code.
			if (crashed.delete(id)) {
				note(service, id, at);
			}
			stopped.delete(id);
			killedAt.delete(id);
			startedAt.set(id, at);
		} else if (action === 'die') {
			// Some signals only make a program reload its files: then it ends much later, if at all.
			if (at - (killedAt.get(id) ?? Number.NEGATIVE_INFINITY) < longestStopMs) {
				stopped.add(id);
			} else {
				crashed.set(id, { at, service, failed: exitCode !== 0 });
			}
		}
	}
	for (const [id, { at, service, failed }] of crashed) {
		if (failed) {
			note(service, id, at);
		}
	}
	return { until, healthChangedAt, stopped, ended: new Set(crashed.keys()), crashPeriodsMs };
};

/** Reads the events of a project's containers that Docker still has. Rejects with a BackoutError, or with the signal's reason. */
export const readEventRecord = async (
	engine: Pick<Engine, 'events' | 'clock'>,
	signal?: AbortSignal,
): Promise<EventRecord> => {
	const until = Math.floor(engine.clock.now());
	const events: InstanceEvent[] = [];
	const range = { since: BigInt(until - recordMs) * 1_000_000n, until: BigInt(until) * 1_000_000n };
	for await (const event of engine.events({ ...range, signal })) {
		events.push(event);
	}
	return recordOf(events, until);
};
