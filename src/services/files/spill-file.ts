import { randomBytes } from 'node:crypto';
import { close, mkdirSync, openSync, readSync, statfsSync, unlinkSync, writev, writevSync } from 'node:fs';
import { join } from 'node:path';
import type { Spill } from '../../stores/spill.ts';
import { cacheFolder } from './cache-folder.ts';

export interface SpillFileOptions {
	/** The most it takes, bytes; 4 GiB unless given. */
	readonly most?: number;
	/** Left free on the disk, bytes; 512 MiB unless given. */
	readonly free?: number;
}

const mebibyte = 1024 * 1024;
/** How many more bytes are written before the room on the disk is read again. */
const checkBytes = 64 * mebibyte;
/** Bytes held in memory at most: whoever adds more waits until it is written. */
const waitingBytes = mebibyte;

/** A file without a name, for its owner alone: it is gone with this process, however that ends. */
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

/** What is left of pieces of which so many bytes are done. */
const withoutFirst = (pieces: readonly Uint8Array[], count: number): Uint8Array[] => {
	let left = count;
	return pieces.flatMap((piece) => {
		const rest = piece.subarray(Math.min(left, piece.length));
		left -= piece.length - rest.length;
		return rest.length === 0 ? [] : [rest];
	});
};

/** Keeps output in a file of this machine. Undefined where there can be none: its folder cannot be made, or the disk is full. */
export const openSpillFile = (env: NodeJS.ProcessEnv, options: SpillFileOptions = {}): Spill | undefined => {
	// Never a folder in memory, as that for temporary files may be.
	const folder = cacheFolder(env, 'output');
	try {
		return new SpillFile(folder, openNameless(folder), options);
	} catch {
		return undefined;
	}
};

/** Writes in the background what is added; a file that cannot be written to any more has failed, for good. */
class SpillFile implements Spill {
	readonly #folder: string;
	readonly #descriptor: number;
	readonly #most: number;
	readonly #free: number;
	#failed = false;
	#closed = false;
	/** Added and not yet on its way; it begins at `#written` and behind what is going. */
	#queue: Uint8Array[] = [];
	#queued = 0;
	/** On its way: read by nobody before it is there. */
	#going: readonly Uint8Array[] = [];
	#isGoing = false;
	#written = 0;
	/** Written, on its way or queued. */
	#added = 0;
	/** How many bytes may be added before the room on the disk is read again. */
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

	/** Without putting it together: pieces of megabytes would come and go, and leave holes in this process's memory. */
	#takeQueue(): readonly Uint8Array[] {
		const batch = this.#queue;
		this.#queue = [];
		this.#queued = 0;
		return batch;
	}

	/** Writes all of it now, also what is already on its way: the same bytes at the same place. */
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
