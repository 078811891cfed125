import { createLineIndex } from './line-index.ts';
import type { ByteRing } from './ring.ts';
import type { Spill } from './spill.ts';
import { createSpilledLines, type SpilledLines } from './spilled-lines.ts';

/** Bytes copied out of memory at a time: larger pieces leave larger holes in this process's memory. */
const copyBytes = 64 * 1024;

export interface SpilledStreamOptions {
	readonly ring: ByteRing;
	/** Length at which a longer line was split. */
	readonly lineBytes: number;
	/** Opens the spill; undefined when there is no place for one. */
	readonly open: () => Spill | undefined;
}

/** A copy of a whole stream, begun once half of its ring is full, when the first bytes are still there to be copied. */
export class SpilledStream {
	readonly index = createLineIndex();
	readonly lines: SpilledLines;
	readonly #options: SpilledStreamOptions;
	#opened = false;
	#spill: Spill | undefined;

	constructor(options: SpilledStreamOptions) {
		this.#options = options;
		this.lines = createSpilledLines({
			index: this.index,
			lineBytes: options.lineBytes,
			end: () => options.ring.end,
			read: (from, length, into) => this.#spill?.read(from, length, into),
		});
	}

	/** True when the whole stream can be read from here. */
	get isWhole(): boolean {
		return this.#spill !== undefined && !this.#spill.failed;
	}

	/**
	 * Takes the bytes that the ring has taken.
	 *
	 * @param isFull true when the ring no longer has room for all lines
	 */
	append(bytes: Uint8Array, isFull: boolean): void {
		const { ring } = this.#options;
		if (this.#opened || !(ring.end > ring.capacity >> 1 || isFull)) {
			this.#spill?.append(bytes);
			return;
		}
		this.#opened = true;
		this.#spill = this.#options.open();
		for (let at = 0; at < ring.end; at += copyBytes) {
			this.#spill?.append(ring.slice(at, Math.min(ring.end, at + copyBytes)).slice());
		}
	}

	close(): void {
		this.#spill?.close();
		this.#spill = undefined;
	}
}
