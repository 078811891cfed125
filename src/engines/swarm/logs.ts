import type { LogChunk, LogOptions } from '../../engine/instance.ts';
import { parseNanos } from '../../engine/time.ts';
import { readLog } from '../docker/api-calls.ts';
import type { Docker } from '../docker/docker.ts';

/** Longest timestamp before a line, characters: `2026-11-29T11:26:41.557604585Z `. */
const stampLength = 36;

/** Leaves out what is later than `until`, and the timestamps that nobody asked for: a swarm cannot do the first by itself. */
async function* endingAt(
	chunks: AsyncGenerator<LogChunk, void, undefined>,
	until: bigint,
	keepStamps: boolean,
): AsyncGenerator<LogChunk, void, undefined> {
	let isWithin = true;
	for await (const chunk of chunks) {
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
			yield at === undefined || keepStamps ? chunk : { ...chunk, bytes: chunk.bytes.subarray(end + 1) };
		}
	}
}

/** Yields the log of a task, on whatever node it runs: the managers fetch it. */
export const readTaskLog = (
	docker: Docker,
	id: string,
	{ until, ...options }: LogOptions,
	tty: NonNullable<LogOptions['tty']>,
): AsyncGenerator<LogChunk, void, undefined> => {
	const path = `tasks/${encodeURIComponent(id)}/logs`;
	const read = (stamped: boolean) =>
		docker.follow(
			'cannot read the log',
			(client) => readLog(client, path, { ...options, tty, ...(stamped && { timestamps: true }) }),
			options.signal,
		);
	return until === undefined ? read(false) : endingAt(read(true), until, options.timestamps === true);
};
