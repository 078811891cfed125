import { randomBytes } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';

/**
 * Writes exactly this text, unmasked. It is written beside the file and renamed, so a reader finds the old text or the new one, whole.
 * Throws BackoutError: `usage` when something other than a file is there, `failed` when it cannot be written.
 *
 * @param access `private`: only its owner may read it (0600, whatever the umask); `umask`: whoever the umask lets
 */
export const replaceText = async (file: string, text: string, access: 'private' | 'umask'): Promise<void> => {
	const there = await lstat(file).catch(() => undefined);
	if (there !== undefined && !there.isFile()) {
		throw new BackoutError('usage', `${file} exists and is not a file`, { next: 'name another file' });
	}
	const beside = join(dirname(file), `.backout-${randomBytes(6).toString('hex')}`);
	try {
		const handle = await open(beside, 'wx', access === 'private' ? 0o600 : 0o666);
		try {
			if (access === 'private') {
				await handle.chmod(0o600);
			}
			await handle.writeFile(text);
		} finally {
			await handle.close();
		}
		await rename(beside, file);
	} catch (error) {
		await rm(beside, { force: true }).catch(() => {});
		throw new BackoutError('failed', `cannot write ${file}: ${(error as Error).message}`, {
			next: 'name a file in an existing folder that you can write to and that has free space',
			cause: error,
		});
	}
};

/** Writes masked text into a file for others to read. Throws what `replaceText` throws. */
export const replaceFile = (file: string, text: Masked<string>): Promise<void> => replaceText(file, text, 'umask');
