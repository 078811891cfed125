import type { LogChunk, LogOptions } from '../../engine/instance.ts';
import { parseNanos } from '../../engine/time.ts';
import { sleep } from '../../services/host/sleep.ts';
import { readLog } from '../docker/api-calls.ts';
import type { Docker } from '../docker/docker.ts';

/** Longest timestamp before a line, characters: `2026-11-29T11:26:41.557604585Z `. */
const stampLength = 36;

/** Leaves out what is later than `until`, and the timestamps that nobody asked for: a swarm cannot do the first by itself. */
async function* endingAt(
	read: (stamped: boolean) => AsyncGenerator<LogChunk, void, undefined>,
	until: bigint,
	{ tty, timestamps }: Pick<LogOptions, 'tty' | 'timestamps'>,
): AsyncGenerator<LogChunk, void, undefined> {
	if (await tty) {
		// Nothing shows where a line of a terminal begins, so it is not cut off.
		yield* read(false);
		return;
	}
	let isWithin = true;
	for await (const chunk of read(true)) {
		if (chunk.begins !== true) {
			if (isWithin) {
				yield chunk;
			}
			continue;
		}
		const end = chunk.bytes.subarray(0, stampLength).indexOf(' ');
		const at = end < 0 ? undefined : parseNanos(chunk.bytes.subarray(0, end).toString('latin1'));
		// Several nodes write into one log, so a later line may come before an earlier one.
		isWithin = at === undefined || at <= until;
		if (isWithin) {
			yield at === undefined || timestamps === true ? chunk : { ...chunk, bytes: chunk.bytes.subarray(end + 1) };
		}
	}
}

/** Interval at which the end of a followed task is looked for, ms: Docker goes on with its log after it. */
const lookEveryMs = 2000;
/** Time for the last lines of a task that has ended, ms. */
const lastLinesMs = 1000;

/** Yields what `read` gives until it ends, or the task has ended. */
async function* untilOver(
	read: (signal: AbortSignal) => AsyncGenerator<LogChunk, void, undefined>,
	isOver: (signal: AbortSignal) => Promise<boolean>,
	signal: AbortSignal | undefined,
): AsyncGenerator<LogChunk, void, undefined> {
	const over = new AbortController();
	const left = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
	const watch = async () => {
		while (!left.aborted) {
			await sleep(lookEveryMs, left);
			// The log breaks off by itself, and says why, if the managers do not answer.
			if (!left.aborted && (await isOver(left).catch(() => false))) {
				await sleep(lastLinesMs, left);
				over.abort(new Error('the task has ended'));
			}
		}
	};
	void watch();
	try {
		yield* read(left);
	} catch (error) {
		signal?.throwIfAborted();
		if (!over.signal.aborted) {
			throw error;
		}
	} finally {
		over.abort(new Error('nobody reads the log any more'));
	}
}

/**
 * Yields the log of a task, on whatever node it runs: the managers fetch it.
 *
 * @param isOver true when the task has ended
 */
export const readTaskLog = (
	docker: Docker,
	id: string,
	{ until, ...options }: LogOptions & { readonly tty: NonNullable<LogOptions['tty']> },
	isOver: (signal: AbortSignal) => Promise<boolean>,
): AsyncGenerator<LogChunk, void, undefined> => {
	const path = `tasks/${encodeURIComponent(id)}/logs`;
	const read = (stamped: boolean, signal = options.signal) =>
		docker.follow(
			'cannot read the log',
			(client) => readLog(client, path, { ...options, signal, ...(stamped && { timestamps: true }) }),
			signal,
		);
	if (until !== undefined) {
		return endingAt(read, until, options);
	}
	return options.follow === true ? untilOver((signal) => read(false, signal), isOver, options.signal) : read(false);
};
