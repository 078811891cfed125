import type { OutputBuffer, Page } from './output-buffer.ts';
import { ByteRing } from './ring.ts';
import type { Spill } from './spill.ts';
import { SpilledStream } from './spilled-stream.ts';
import { createThrottledChanges, type ThrottledChanges } from './throttled-changes.ts';

export interface OutputBufferOptions {
	/** Bytes kept in memory; default 8 MiB. */
	readonly bytes?: number;
	/** Lines kept in memory; default one for every 32 bytes. */
	readonly lines?: number;
	/** Maximum length of a line, bytes; a longer one is split. Default 64 KiB. */
	readonly lineBytes?: number;
	/** Minimum time between two notifications, ms; default 40. */
	readonly throttleMs?: number;
	/** The clock, in ms since the epoch. */
	readonly now?: () => number;
	/** Opens a file for output that has left the memory; undefined when there is none: then the oldest lines are dropped. */
	readonly spill?: () => Spill | undefined;
}

const LF = 10;

/**
 * Creates a ring of bytes with the offsets of its lines, in memory of a fixed size. Appending costs a copy and a search for LF; nothing is
 * decoded before it is shown.
 *
 * Notifications come 40 ms apart, because Ink's own throttle restarts its 34 ms at every commit: a store that ticks every 33 ms would keep
 * delaying the frame.
 */
export const createOutputBuffer = (options: OutputBufferOptions = {}): OutputBuffer => new LineRing(options);

/** The lines of a ring of bytes. Offsets are those of the whole stream. */
class LineRing implements OutputBuffer {
	readonly changed: OutputBuffer['changed'];
	readonly #changes: ThrottledChanges;
	readonly #bytes: ByteRing;
	readonly #lineBytes: number;
	readonly #now: () => number;
	readonly #born: number;
	/** Start and arrival time of each line in memory, by its number modulo `#mostLines`. */
	readonly #starts: Float64Array;
	readonly #times: Float64Array;
	readonly #mostLines: number;
	readonly #spill: SpilledStream | undefined;
	#lineCount = 0;
	#memoryFrom = 0;
	/** True while the last line has no LF yet. */
	#partial = false;

	constructor(options: OutputBufferOptions) {
		const capacity = options.bytes ?? 8 * 1024 * 1024;
		this.#mostLines = options.lines ?? Math.max(16, Math.ceil(capacity / 32));
		this.#lineBytes = Math.max(1, Math.min(options.lineBytes ?? 64 * 1024, Math.floor(capacity / 2)));
		this.#now = options.now ?? Date.now;
		this.#born = this.#now();
		this.#bytes = new ByteRing(capacity);
		this.#starts = new Float64Array(this.#mostLines);
		this.#times = new Float64Array(this.#mostLines);
		this.#spill =
			options.spill && new SpilledStream({ ring: this.#bytes, lineBytes: this.#lineBytes, open: options.spill });
		this.#changes = createThrottledChanges(() => this.#lineCount, options.throttleMs ?? 40);
		this.changed = this.#changes.changed;
	}

	get lineCount(): number {
		return this.#lineCount;
	}

	get firstLine(): number {
		return this.#spill?.isWhole === true ? 0 : this.#memoryFrom;
	}

	get memoryFrom(): number {
		return this.#memoryFrom;
	}

	get byteCount(): number {
		return this.#bytes.end;
	}

	append(bytes: Uint8Array): void {
		if (bytes.length === 0) {
			return;
		}
		const time = this.#now();
		// A piece is never larger than half the ring, so that no write overtakes itself.
		const most = this.#bytes.capacity >> 1;
		for (let at = 0; at < bytes.length; at += most) {
			this.#take(bytes.subarray(at, at + Math.max(1, most)), time);
		}
		this.#changes.request();
	}

	line(number: number): Uint8Array | undefined {
		if (!Number.isInteger(number) || number < this.firstLine || number >= this.#lineCount) {
			return undefined;
		}
		if (number < this.#memoryFrom) {
			return this.#spill?.lines.line(number);
		}
		const start = this.#startOf(number);
		const next = number + 1 < this.#lineCount ? this.#startOf(number + 1) : this.#bytes.end;
		return this.#bytes.slice(start, next > start && this.#bytes.at(next - 1) === LF ? next - 1 : next);
	}

	page(number: number): Page | undefined {
		return number >= this.firstLine && number < this.#memoryFrom ? this.#spill?.lines.page(number) : undefined;
	}

	time(number: number): number | undefined {
		if (number < this.firstLine || number >= this.#lineCount) {
			return undefined;
		}
		return number < this.#memoryFrom
			? this.#spill?.index.time(number)
			: (this.#times[number % this.#mostLines] ?? this.#born);
	}

	close(): void {
		this.#spill?.close();
	}

	#startOf(line: number): number {
		return this.#starts[line % this.#mostLines] ?? 0;
	}

	#begin(offset: number, time: number): void {
		this.#spill?.index.begins(this.#lineCount, offset, time);
		if (this.#lineCount - this.#memoryFrom === this.#mostLines) {
			this.#memoryFrom++;
		}
		this.#starts[this.#lineCount % this.#mostLines] = offset;
		this.#times[this.#lineCount % this.#mostLines] = time;
		this.#lineCount++;
		this.#partial = true;
	}

	#take(bytes: Uint8Array, time: number): void {
		const begin = this.#bytes.end;
		this.#bytes.append(bytes);
		let at = 0;
		while (at < bytes.length) {
			if (!this.#partial) {
				this.#begin(begin + at, time);
			}
			const lf = bytes.indexOf(LF, at);
			const stop = lf === -1 ? bytes.length : lf;
			for (let cut = this.#startOf(this.#lineCount - 1) + this.#lineBytes; cut < begin + stop; cut += this.#lineBytes) {
				this.#begin(cut, time);
			}
			if (lf !== -1) {
				this.#partial = false;
			}
			at = stop + 1;
		}
		while (this.#memoryFrom < this.#lineCount && this.#startOf(this.#memoryFrom) < this.#bytes.oldest) {
			this.#memoryFrom++;
		}
		this.#spill?.append(bytes, this.#memoryFrom > 0);
	}
}
