import type { LogChunk } from '../../engine/instance.ts';

/**
 * Splits Docker's multiplexed stream (Engine API, ContainerAttach, "Stream format"): eight bytes of header, the first is the stream (1
 * stdout, 2 stderr), the last four the payload's length, big-endian. A payload that has only partly arrived is passed on at once, so
 * memory stays flat whatever a header promises.
 *
 * @returns a function that takes bytes as they arrive and gives the chunks in them; it throws when the bytes are not framed
 */
export const createDemultiplexer = (): ((bytes: Buffer) => LogChunk[]) => {
	const header = Buffer.alloc(8);
	let headerLength = 0;
	let left = 0;
	let begins = false;
	let stream: LogChunk['stream'] = 'stdout';
	return (bytes) => {
		const chunks: LogChunk[] = [];
		let at = 0;
		while (at < bytes.length) {
			if (left > 0) {
				const end = Math.min(bytes.length, at + left);
				chunks.push({ stream, bytes: bytes.subarray(at, end), ...(begins && { begins }) });
				begins = false;
				left -= end - at;
				at = end;
				continue;
			}
			const taken = bytes.copy(header, headerLength, at, at + 8 - headerLength);
			headerLength += taken;
			at += taken;
			if (headerLength === 8) {
				if ((header[0] ?? 9) > 3 || header[1] !== 0 || header[2] !== 0 || header[3] !== 0) {
					throw new Error("the log is not in Docker's stream format");
				}
				stream = header[0] === 2 ? 'stderr' : 'stdout';
				left = header.readUInt32BE(4);
				headerLength = 0;
				begins = true;
			}
		}
		return chunks;
	};
};

/**
 * Joins consecutive chunks of one stream. Docker frames every line, and each chunk costs its reader: at ten thousand lines a second
 * that is half of all the work. The result no longer shows where frames begin.
 */
export const joinChunks = (chunks: readonly LogChunk[]): readonly LogChunk[] => {
	const joined: LogChunk[] = [];
	for (let from = 0; from < chunks.length; ) {
		const { stream } = chunks[from] ?? { stream: 'stdout' };
		let to = from + 1;
		while (chunks[to]?.stream === stream) {
			to++;
		}
		joined.push({ stream, bytes: Buffer.concat(chunks.slice(from, to).map(({ bytes }) => bytes)) });
		from = to;
	}
	return joined;
};
