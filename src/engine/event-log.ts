import type { InstanceEvent } from './instance.ts';

/** An event before it has a place among the others. */
export interface Told {
	/** ns since the epoch, by the clock of whoever told it. */
	readonly at: bigint;
	readonly event: Omit<InstanceEvent, 'nanos'>;
}

/** Compares two events by their time, the earlier first. */
export const byTime = (a: Told, b: Told): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);

/** The newest events of a deployment's instances, of an engine that has to find them by comparing what it sees. */
export class EventLog {
	readonly #most: number;
	readonly #events: InstanceEvent[] = [];
	/** The number of events that were forgotten. */
	#forgotten = 0;

	/** @param most the number of events that are remembered */
	constructor(most: number) {
		this.#most = most;
	}

	/** Adds events in this order. */
	add(told: readonly Told[]): void {
		for (const { at, event } of told) {
			// Each has a time of its own, so that a reader can go on after it.
			const last = this.#events.at(-1)?.nanos ?? 0n;
			this.#events.push({ ...event, nanos: at > last ? at : last + 1n });
			if (this.#events.length > this.#most) {
				this.#events.shift();
				this.#forgotten++;
			}
		}
	}

	/** Returns a function that gives the events since its last call; first those since a time, or none. */
	reader(since: bigint | undefined): () => readonly InstanceEvent[] {
		const from = since === undefined ? -1 : this.#events.findIndex(({ nanos }) => nanos >= since);
		/** The place of the next event, counted from the first that ever was. */
		let next = this.#forgotten + (from < 0 ? this.#events.length : from);
		return () => {
			const fresh = this.#events.slice(Math.max(0, next - this.#forgotten));
			next = this.#forgotten + this.#events.length;
			return fresh;
		};
	}
}
