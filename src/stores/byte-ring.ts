import { createLineIndex } from './line-index.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Spill } from './spill.ts';
import { createSpilledLines } from './spilled-lines.ts';
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
	/** Opens a place for what has no room in memory; undefined when there is none. Without it the oldest lines are dropped. */
	readonly spill?: () => Spill | undefined;
}

const LF = 10;

/**
 * A ring of bytes with the offsets of its lines, in memory of a fixed size. Taking bytes in costs a copy and a search
 * for LF; nothing is decoded before it is looked at.
 *
 * The notifications come 40 ms apart, because Ink's own throttle restarts its 34 ms at every commit: a store that
 * ticks every 33 ms would keep pushing the frame back.
 */
/** What is copied at a time: what is larger leaves a larger hole in this process's memory. */
const copyBytes = 64 * 1024;

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

	const index = createLineIndex();
	const spills = options.spill !== undefined;
	let spill: Spill | undefined;
	let spilled = false;
	const older = createSpilledLines({
		index,
		lineBytes,
		end: () => end,
		read: (from, length, into) => spill?.read(from, length, into),
	});
	/** Once half of the room is taken: what came so far is still here then, and all that comes later follows it. */
	const keep = (bytes: Uint8Array) => {
		if (spill === undefined && !spilled && (end > capacity >> 1 || firstLine > 0)) {
			spilled = true;
			spill = options.spill?.();
			for (let at = 0; at < end; at += copyBytes) {
				spill?.append(data.slice(at, Math.min(end, at + copyBytes)));
			}
		} else {
			spill?.append(bytes);
		}
	};
	const oldest = () => (spill !== undefined && !spill.failed ? 0 : firstLine);

	const open = (offset: number, time: number) => {
		if (spills) {
			index.begins(lineCount, offset, time);
		}
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
		if (spills) {
			keep(bytes);
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
			return oldest();
		},
		get memoryFrom() {
			return firstLine;
		},
		get byteCount() {
			return end;
		},
		line: (number) => {
			if (!Number.isInteger(number) || number < oldest() || number >= lineCount) {
				return undefined;
			}
			if (number < firstLine) {
				return older.line(number);
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
		page: (number) => (number >= oldest() && number < firstLine ? older.page(number) : undefined),
		time: (number) => {
			if (number < oldest() || number >= lineCount) {
				return undefined;
			}
			return number < firstLine ? index.time(number) : (times[number % maxLines] ?? born);
		},
		changed: {
			get: () => notified,
			subscribe: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		close: () => {
			spill?.close();
			spill = undefined;
		},
	};
};
