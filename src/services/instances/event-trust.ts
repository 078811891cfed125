import type { InstanceEvent } from '../../engine/instance.ts';
import type { InstanceChange } from './instance-change.ts';

/** Time for which an event explains a change of its instance, ms: inspections are that late, and more. */
const explainsMs = 60_000;
/** Time after which an event that tells of a change must have come, ms. */
const lateMs = 2000;
/** Time for which events are not relied on after a change that none told of, ms. */
const distrustMs = 600_000;

/** Fields whose change every engine tells by an event. */
const told: ReadonlySet<string> = new Set(['status', 'health', 'startedAt']);

/**
 * Judges if an engine's events tell of every change. An open stream that is silent proves nothing: an engine may drop events for a reader
 * that is slow, or lose its stream. But everything is inspected in turn; if that shows a change of which no event has told, lists are needed.
 */
export interface EventTrust {
	/** The stream was opened or has ended. */
	listening(is: boolean): void;
	event(event: InstanceEvent): void;
	/** Instances were read. */
	read(change: InstanceChange): void;
	holds(): boolean;
}

/** @param now a clock, ms */
export const createEventTrust = (now: () => number = () => performance.now()): EventTrust => {
	let isListening = false;
	let distrustedUntil = Number.NEGATIVE_INFINITY;
	/** Time of the newest event, by id. */
	const events = new Map<string, number>();
	/** Time when a change was found, by id. */
	const found = new Map<string, number>();
	return {
		listening: (is) => {
			isListening = is;
			// A list finds what has changed before.
			found.clear();
		},
		event: ({ id }) => {
			events.delete(id);
			events.set(id, now());
			for (const [old, at] of events) {
				if (now() - at <= explainsMs) {
					break;
				}
				events.delete(old);
			}
		},
		read: ({ added, removed, changed, isFirst }) => {
			const ids = [
				...[...added, ...removed].map(({ id }) => id),
				...changed.filter(({ fields }) => fields.some((field) => told.has(field))).map(({ instance }) => instance.id),
			];
			for (const id of isListening && !isFirst ? ids : []) {
				found.set(id, now());
			}
		},
		holds: () => {
			for (const [id, at] of found) {
				const event = events.get(id);
				if (event !== undefined && event >= at - explainsMs) {
					found.delete(id);
				} else if (now() - at > lateMs) {
					found.delete(id);
					distrustedUntil = now() + distrustMs;
				}
			}
			return isListening && now() >= distrustedUntil;
		},
	};
};
