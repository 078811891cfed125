import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import type { Masked } from '../../runbook/masked.ts';
import { replaceText } from './replaced-file.ts';

/** Makes a folder 0700, whatever the umask, also an existing one that others might enter. */
export const makePrivateFolder = async (folder: string): Promise<void> => {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await chmod(folder, 0o700);
};

/**
 * Appends masked text to a file that only its owner may read (0600, whatever the umask), created if missing. A truncated last line stays on
 * its own. Throws what node:fs throws.
 */
export const appendPrivate = async (file: string, text: Masked<string>): Promise<void> => {
	const handle = await open(file, 'a+', 0o600);
	try {
		await handle.chmod(0o600);
		const { size } = await handle.stat();
		const last = Buffer.alloc(1);
		if (size > 0) {
			await handle.read(last, 0, 1, size - 1);
		}
		await handle.appendFile(size > 0 && last.toString() !== '\n' ? `\n${text}` : text);
	} finally {
		await handle.close();
	}
};

/**
 * Writes exactly this text, unmasked, into a file that only its owner may read: for the program's own data. Throws what `replaceText`
 * throws.
 */
export const rememberInFile = (file: string, text: string): Promise<void> => replaceText(file, text, 'private');

/** Writes masked text for an operator, as `rememberInFile` writes a file. Throws what that throws. */
export const writePrivateFile = (file: string, text: Masked<string>): Promise<void> => rememberInFile(file, text);

/** Returns the text of a file that is ours and that nobody else may write or read; undefined for any other. */
export const readOurs = (file: string): string | undefined => {
	let descriptor: number | undefined;
	try {
		descriptor = openSync(file, 'r');
		const { uid, mode } = fstatSync(descriptor);
		const ours = uid === process.getuid?.() && (mode & 0o077) === 0;
		return ours ? readFileSync(descriptor, 'utf8') : undefined;
	} catch {
		return undefined;
	} finally {
		if (descriptor !== undefined) {
			closeSync(descriptor);
		}
	}
};
