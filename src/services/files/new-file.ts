import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';

/** Formats `20261122T031020Z`: UTC, in characters that every file system accepts. */
const stampOf = (now: number): string => new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');

/** Creates a new file; if the name exists, adds `-2`, `-3`… before its ending. */
const create = async (folder: string, name: string, ending: string): Promise<{ file: string; handle: FileHandle }> => {
	for (let number = 1; ; number++) {
		const file = join(folder, `${name}${number === 1 ? '' : `-${number}`}.${ending}`);
		try {
			// Output may contain secrets, so only its owner may read it, whatever the umask.
			const handle = await open(file, 'wx', 0o600);
			await handle.chmod(0o600);
			return { file, handle };
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
				throw error;
			}
		}
	}
};

/**
 * Writes masked pieces into a new file `backout-<what>-<UTC stamp>.<ending>` of a folder on this machine, mode 0600; never over an existing
 * one. Returns its path and size. When a piece cannot be read or written, the file is deleted and the error is thrown; a failure of this
 * machine becomes a BackoutError `failed`.
 */
export const writeNewFile = async (
	{
		folder,
		what,
		now,
		ending,
	}: { readonly folder: string; readonly what: string; readonly now: number; readonly ending: 'log' | 'md' },
	pieces: AsyncIterable<Masked<Uint8Array>> | Iterable<Masked<Uint8Array>>,
): Promise<{ readonly file: string; readonly bytes: number }> => {
	// The host chooses the name of a service: no name may lead out of the folder.
	const name = `backout-${what.replace(/[^A-Za-z0-9._-]/g, '_')}-${stampOf(now)}`;
	let created: Awaited<ReturnType<typeof create>> | undefined;
	try {
		created = await create(folder, name, ending);
		let bytes = 0;
		for await (const piece of pieces) {
			await created.handle.writeFile(piece);
			bytes += piece.length;
		}
		await created.handle.close();
		return { file: created.file, bytes };
	} catch (error) {
		await created?.handle.close().catch(() => {});
		if (created !== undefined) {
			await rm(created.file, { force: true });
		}
		if (error instanceof BackoutError || (error as NodeJS.ErrnoException).syscall === undefined) {
			throw error;
		}
		throw new BackoutError('failed', `cannot save the output in ${folder}: ${(error as Error).message}`, {
			next: 'start backout in a folder that you can write to and that has free space',
			cause: error,
		});
	}
};
