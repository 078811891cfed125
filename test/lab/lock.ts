import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { waitFor } from './processes.ts';

/** Does `work` while no other process does likewise with the same file. Waits for up to five minutes. */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
	mkdirSync(dirname(file), { recursive: true });
	const taken = await waitFor(() => take(file), 300_000, 100);
	if (!taken) throw new Error(`another process holds ${file}`);
	try {
		return await work();
	} finally {
		rmSync(file, { force: true });
	}
}

/** Makes the file this process's own, if it is nobody's. Whether it is now. */
export function take(file: string): boolean {
	try {
		writeFileSync(file, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	try {
		process.kill(Number(readFileSync(file, 'utf8')), 0);
	} catch {
		// Its holder died.
		rmSync(file, { force: true });
	}
	return false;
}
