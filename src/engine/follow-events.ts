import type { EventOptions } from './engine.ts';
import type { InstanceEvent } from './instance.ts';

/** How an engine that finds events by looking follows them. */
export interface EventSource {
	/** Looks once, and adds what has changed to the log. */
	look(signal: AbortSignal | undefined): Promise<void>;
	/** Returns a function that gives the events since its last call; first those since a time, or none. */
	reader(since: bigint | undefined): () => readonly InstanceEvent[];
	/** Begins to listen for changes, and returns a function that waits until the next look. It rejects with the signal's reason. */
	pauses(signal: AbortSignal): () => Promise<void>;
}

/** Follows the events of an engine that finds them by looking, as `Engine.events` does. */
export async function* followEvents(
	{ look, reader, pauses }: EventSource,
	{ since, until, signal, onOpen }: EventOptions,
): AsyncGenerator<InstanceEvent, void, undefined> {
	await look(signal);
	const news = reader(since);
	if (until !== undefined) {
		yield* news().filter(({ nanos }) => nanos <= until);
		return;
	}
	const over = new AbortController();
	const pause = pauses(signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]));
	onOpen?.();
	try {
		for (;;) {
			yield* news();
			await pause();
			await look(signal);
		}
	} finally {
		over.abort(new Error('nobody listens any more'));
	}
}
