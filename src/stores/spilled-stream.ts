import { createLineIndex } from './line-index.ts';
import type { ByteRing } from './ring.ts';
import type { Spill } from './spill.ts';
import { createSpilledLines, type SpilledLines } from './spilled-lines.ts';

/** Bytes copied at a time out of memory: larger pieces leave larger holes in this process's memory. */
const copyBytes = 64 * 1024;

export interface SpilledStreamOptions {
	readonly ring: ByteRing;
	/** Positions where a longer line was split. */
	readonly lineBytes: number;
	/** Opens the spill; undefined when there is no place for one. */
	readonly open: () => Spill | undefined;
}

/** All of a stream beside its ring, once half of the ring is full: what came before is still there to be copied then. */
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

	/** Whether all of the stream can be read from here. */
	get isWhole(): boolean {
		return this.#spill !== undefined && !this.#spill.failed;
	}

	/**
	 * Takes bytes that the ring has taken.
	 *
	 * @param isFull whether the ring has no room for all lines any more
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
