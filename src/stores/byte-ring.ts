import type { OutputBuffer } from './output-buffer.ts';
import { createThrottle } from './throttle.ts';

export interface OutputBufferOptions {
	/** Bytes kept in memory; 8 MiB unless given. */
	readonly bytes?: number;
	/** Lines kept in memory; one for every 32 bytes unless given. */
	readonly lines?: number;
	/** The longest line in bytes; a longer one is split. 64 KiB unless given. */
	readonly lineBytes?: number;
	/** The least time between two notifications, in ms; 40 unless given. */
	readonly throttleMs?: number;
	/** The clock, in ms since the epoch. */
	readonly now?: () => number;
}

const LF = 10;

/**
 * A ring of bytes with the offsets of its lines, in memory of a fixed size. Taking bytes in costs a copy and a search
 * for LF; nothing is decoded before it is looked at.
 *
 * The notifications come 40 ms apart, because Ink's own throttle restarts its 34 ms at every commit: a store that
 * ticks every 33 ms would keep pushing the frame back.
 */
export const createOutputBuffer = (options: OutputBufferOptions = {}): OutputBuffer => {
	const capacity = options.bytes ?? 8 * 1024 * 1024;
	const maxLines = options.lines ?? Math.max(16, Math.ceil(capacity / 32));
	const lineBytes = Math.max(1, Math.min(options.lineBytes ?? 64 * 1024, Math.floor(capacity / 2)));
	const now = options.now ?? Date.now;
	const born = now();

	const data = new Uint8Array(capacity);
	const starts = new Float64Array(maxLines);
	const times = new Float64Array(maxLines);
	let end = 0;
	let lineCount = 0;
	let firstLine = 0;
	let partial = false;
	let notified = 0;
	const listeners = new Set<() => void>();
	const throttle = createThrottle(() => {
		notified = lineCount;
		for (const listener of [...listeners]) {
			listener();
		}
	}, options.throttleMs ?? 40);

	const open = (offset: number, time: number) => {
		if (lineCount - firstLine === maxLines) {
			firstLine++;
		}
		starts[lineCount % maxLines] = offset;
		times[lineCount % maxLines] = time;
		lineCount++;
		partial = true;
	};
	const startOf = (line: number) => starts[line % maxLines] ?? 0;

	const copy = (bytes: Uint8Array, offset: number) => {
		const at = offset % capacity;
		const room = capacity - at;
		data.set(bytes.subarray(0, room), at);
		if (bytes.length > room) {
			data.set(bytes.subarray(room), 0);
		}
	};
	const take = (bytes: Uint8Array, time: number) => {
		copy(bytes, end);
		let at = 0;
		while (at < bytes.length) {
			if (!partial) {
				open(end + at, time);
			}
			const lf = bytes.indexOf(LF, at);
			const stop = lf === -1 ? bytes.length : lf;
			for (let cut = startOf(lineCount - 1) + lineBytes; cut < end + stop; cut += lineBytes) {
				open(cut, time);
			}
			if (lf !== -1) {
				partial = false;
			}
			at = stop + 1;
		}
		end += bytes.length;
		while (firstLine < lineCount && startOf(firstLine) < end - capacity) {
			firstLine++;
		}
	};

	return {
		append: (bytes) => {
			if (bytes.length === 0) {
				return;
			}
			const time = now();
			// A piece is never larger than half the ring, so that no write overtakes itself.
			for (let at = 0; at < bytes.length; at += capacity >> 1) {
				take(bytes.subarray(at, at + Math.max(1, capacity >> 1)), time);
			}
			throttle.request();
		},
		get lineCount() {
			return lineCount;
		},
		get firstLine() {
			return firstLine;
		},
		get byteCount() {
			return end;
		},
		line: (number) => {
			if (!Number.isInteger(number) || number < firstLine || number >= lineCount) {
				return undefined;
			}
			const start = startOf(number);
			let stop = number + 1 < lineCount ? startOf(number + 1) : end;
			if (stop > start && data[(stop - 1) % capacity] === LF) {
				stop--;
			}
			const at = start % capacity;
			const length = stop - start;
			if (at + length <= capacity) {
				return data.subarray(at, at + length);
			}
			const joined = new Uint8Array(length);
			joined.set(data.subarray(at));
			joined.set(data.subarray(0, length - (capacity - at)), capacity - at);
			return joined;
		},
		time: (number) => (number >= firstLine && number < lineCount ? (times[number % maxLines] ?? born) : undefined),
		changed: {
			get: () => notified,
			subscribe: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
	};
};
