import type { Engine } from '../../engine/engine.ts';
import type { InstanceEvent } from '../../engine/instance.ts';

/** What Docker has noted of a project's containers: its newest events. Times are ms by the host's clock. */
export interface EventRecord {
	/** Up to when it was read. */
	readonly until: number;
	/** When the health of a container last changed, by id. */
	readonly healthChangedAt: ReadonlyMap<string, number>;
	/** Containers that were sent a signal before they ended, and have not been started since, by id: somebody stopped them. */
	readonly stopped: ReadonlySet<string>;
	/** Between one start and the next of a container that ended by itself, by service, in order. */
	readonly crashPeriodsMs: ReadonlyMap<string, readonly number[]>;
}

export const noRecord: EventRecord = {
	until: 0,
	healthChangedAt: new Map(),
	stopped: new Set(),
	crashPeriodsMs: new Map(),
};

/** How far back Docker is asked, ms. It keeps its last 256 events; Podman keeps all of them. */
const recordMs = 3_600_000;

/** From the signal to the end of a container that is being stopped, ms. */
const longestStopMs = 300_000;

/** Reads a project's events, oldest first, into what they say. */
export const recordOf = (events: readonly InstanceEvent[], until: number): EventRecord => {
	const healthChangedAt = new Map<string, number>();
	const stopped = new Set<string>();
	const crashPeriodsMs = new Map<string, number[]>();
	const startedAt = new Map<string, number>();
	const killedAt = new Map<string, number>();
	/** Containers that ended by themselves: when, and of which service. */
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
			// A signal may also only tell a program to read its files again: then it ends much later, if at all.
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
	return { until, healthChangedAt, stopped, crashPeriodsMs };
};

/** Reads what Docker still knows of a project's containers. Rejects with a BackoutError, or with the signal's reason. */
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
