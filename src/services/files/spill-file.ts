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
/** The disk is looked at again after so much. */
const lookBytes = 64 * mebibyte;
/** More than this is not held in memory: whoever adds it waits until it is written. */
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
	const { most = 4096 * mebibyte, free = 512 * mebibyte } = options;
	// Never a folder in memory, as that for temporary files may be.
	const folder = cacheFolder(env, 'output');
	let descriptor: number;
	try {
		descriptor = openNameless(folder);
	} catch {
		return undefined;
	}
	let failed = false;
	let closed = false;
	/** Added and not yet on its way; it begins at `written` and behind what is going. */
	let queue: Uint8Array[] = [];
	let queued = 0;
	/** On its way: read by nobody before it is there. */
	let going: readonly Uint8Array[] = [];
	let isGoing = false;
	let written = 0;
	/** Written, on its way or queued. */
	let added = 0;
	let lookAt = 0;

	const fail = () => {
		failed = true;
		queue = [];
		queued = 0;
	};
	const release = () => {
		if (!isGoing) {
			close(descriptor, () => {});
		}
	};
	/** Without putting it together: pieces of megabytes would come and go, and leave holes in this process's memory. */
	const takeQueue = (): readonly Uint8Array[] => {
		const batch = queue;
		queue = [];
		queued = 0;
		return batch;
	};
	/** Writes all of it now, also what is already on its way: the same bytes at the same place. */
	const settle = () => {
		let batch = [...going, ...takeQueue()];
		going = [];
		try {
			while (batch.length > 0) {
				const count = writevSync(descriptor, batch, written);
				written += count;
				batch = withoutFirst(batch, count);
			}
		} catch {
			fail();
		}
	};
	const next = () => {
		if (closed) {
			release();
			return;
		}
		if (isGoing || queued === 0 || failed) {
			return;
		}
		const batch = takeQueue();
		const at = written;
		going = batch;
		isGoing = true;
		writev(descriptor, batch, at, (error, count) => {
			isGoing = false;
			// Unless it was settled meanwhile.
			if (going === batch) {
				going = [];
				if (error) {
					fail();
				} else {
					written += count;
					queue.unshift(...withoutFirst(batch, count));
					queued = added - written;
				}
			}
			next();
		});
	};
	return {
		append: (bytes) => {
			if (failed || closed) {
				return;
			}
			const total = added + bytes.length;
			try {
				if (total > most || (total >= lookAt && !hasRoom(folder, free + lookBytes))) {
					fail();
					return;
				}
			} catch {
				fail();
				return;
			}
			lookAt = Math.max(lookAt, Math.floor(total / lookBytes + 1) * lookBytes);
			added = total;
			queue.push(bytes);
			queued += bytes.length;
			if (queued > waitingBytes) {
				settle();
			}
			next();
		},
		read: (from, length, into) => {
			if (failed || closed) {
				return undefined;
			}
			if (from + length > written) {
				settle();
			}
			const bytes = into !== undefined && into.length >= length ? into.subarray(0, length) : new Uint8Array(length);
			try {
				for (let at = 0; at < length; ) {
					const count = readSync(descriptor, bytes, at, length - at, from + at);
					if (count === 0) {
						return undefined;
					}
					at += count;
				}
				return bytes;
			} catch {
				return undefined;
			}
		},
		get failed() {
			return failed;
		},
		close: () => {
			if (!closed) {
				closed = true;
				release();
			}
		},
	};
};
