import { randomBytes } from 'node:crypto';
import { close, mkdirSync, openSync, readSync, statfsSync, unlinkSync, writev, writevSync } from 'node:fs';
import { join } from 'node:path';
import type { Spill } from '../../stores/spill.ts';
import { cacheFolder } from './cache-folder.ts';

export interface SpillFileOptions {
	/** Maximum size, bytes; default 4 GiB. */
	readonly most?: number;
	/** Space left free on the disk, bytes; default 512 MiB. */
	readonly free?: number;
}

const mebibyte = 1024 * 1024;
/** Number of bytes written between two reads of the free disk space. */
const checkBytes = 64 * mebibyte;
/** Maximum number of bytes waiting in memory: an append beyond that blocks until they are written. */
const waitingBytes = mebibyte;

/** Opens a file without a name, for its owner alone: it disappears with this process, however that ends. */
const openNameless = (folder: string): number => {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const file = join(folder, randomBytes(8).toString('hex'));
	const descriptor = openSync(file, 'wx+', 0o600);
	unlinkSync(file);
	return descriptor;
};

const hasRoom = (folder: string, wanted: number): boolean => {
	const { bavail, bsize } = statfsSync(folder);
	return bavail * bsize > wanted;
};

/** Returns the rest of some pieces after `count` bytes are done. */
const withoutFirst = (pieces: readonly Uint8Array[], count: number): Uint8Array[] => {
	let left = count;
	return pieces.flatMap((piece) => {
		const rest = piece.subarray(Math.min(left, piece.length));
		left -= piece.length - rest.length;
		return rest.length === 0 ? [] : [rest];
	});
};

/** Opens a file on this machine for output. Undefined when that is impossible: its folder cannot be made, or the disk is full. */
export const openSpillFile = (env: NodeJS.ProcessEnv, options: SpillFileOptions = {}): Spill | undefined => {
	// Not the folder for temporary files, which may be in memory.
	const folder = cacheFolder(env, 'output');
	try {
		return new SpillFile(folder, openNameless(folder), options);
	} catch {
		return undefined;
	}
};

/** Writes appended bytes in the background; after a failed write it has failed for good. */
class SpillFile implements Spill {
	readonly #folder: string;
	readonly #descriptor: number;
	readonly #most: number;
	readonly #free: number;
	#failed = false;
	#closed = false;
	/** Appended bytes that are not being written yet; they follow those in `#going`. */
	#queue: Uint8Array[] = [];
	#queued = 0;
	/** Bytes being written: not readable before they are written. */
	#going: readonly Uint8Array[] = [];
	#isGoing = false;
	#written = 0;
	/** Total of written, being written and queued bytes. */
	#added = 0;
	/** The size at which the free disk space is read again. */
	#checkAt = 0;

	constructor(folder: string, descriptor: number, { most = 4096 * mebibyte, free = 512 * mebibyte }: SpillFileOptions) {
		this.#folder = folder;
		this.#descriptor = descriptor;
		this.#most = most;
		this.#free = free;
	}

	get failed(): boolean {
		return this.#failed;
	}

	append(bytes: Uint8Array): void {
		if (this.#failed || this.#closed) {
			return;
		}
		const total = this.#added + bytes.length;
		if (!this.#mayGrowTo(total)) {
			this.#fail();
			return;
		}
		this.#added = total;
		this.#queue.push(bytes);
		this.#queued += bytes.length;
		if (this.#queued > waitingBytes) {
			this.#settle();
		}
		this.#next();
	}

	read(from: number, length: number, into?: Uint8Array): Uint8Array | undefined {
		if (this.#failed || this.#closed) {
			return undefined;
		}
		if (from + length > this.#written) {
			this.#settle();
		}
		const bytes = into !== undefined && into.length >= length ? into.subarray(0, length) : new Uint8Array(length);
		try {
			for (let at = 0; at < length; ) {
				const count = readSync(this.#descriptor, bytes, at, length - at, from + at);
				if (count === 0) {
					return undefined;
				}
				at += count;
			}
			return bytes;
		} catch {
			return undefined;
		}
	}

	close(): void {
		if (!this.#closed) {
			this.#closed = true;
			this.#release();
		}
	}

	#mayGrowTo(total: number): boolean {
		try {
			if (total > this.#most || (total >= this.#checkAt && !hasRoom(this.#folder, this.#free + checkBytes))) {
				return false;
			}
		} catch {
			return false;
		}
		this.#checkAt = Math.max(this.#checkAt, Math.floor(total / checkBytes + 1) * checkBytes);
		return true;
	}

	#fail(): void {
		this.#failed = true;
		this.#queue = [];
		this.#queued = 0;
	}

	#release(): void {
		if (!this.#isGoing) {
			close(this.#descriptor, () => {});
		}
	}

	/** Returns the queue without joining it: pieces of megabytes would come and go, and leave holes in this process's memory. */
	#takeQueue(): readonly Uint8Array[] {
		const batch = this.#queue;
		this.#queue = [];
		this.#queued = 0;
		return batch;
	}

	/** Writes everything now, also what is being written: the same bytes at the same place. */
	#settle(): void {
		let batch = [...this.#going, ...this.#takeQueue()];
		this.#going = [];
		try {
			while (batch.length > 0) {
				const count = writevSync(this.#descriptor, batch, this.#written);
				this.#written += count;
				batch = withoutFirst(batch, count);
			}
		} catch {
			this.#fail();
		}
	}

	#next(): void {
		if (this.#closed) {
			this.#release();
			return;
		}
		if (this.#isGoing || this.#queued === 0 || this.#failed) {
			return;
		}
		const batch = this.#takeQueue();
		this.#going = batch;
		this.#isGoing = true;
		writev(this.#descriptor, batch, this.#written, (error, count) => {
			this.#isGoing = false;
			// Unless it was settled meanwhile.
			if (this.#going === batch) {
				this.#going = [];
				this.#noteWritten(batch, error, count);
			}
			this.#next();
		});
	}

	#noteWritten(batch: readonly Uint8Array[], error: Error | null, count: number): void {
		if (error) {
			this.#fail();
			return;
		}
		this.#written += count;
		this.#queue.unshift(...withoutFirst(batch, count));
		this.#queued = this.#added - this.#written;
	}
}
