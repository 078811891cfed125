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
		writeFileSync(file, `${process.pid} ${startOf(process.pid)}`, { flag: 'wx' });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const [pid, start] = read(file);
	// Its holder died; a later process with the same number is another one.
	const running = startOf(Number(pid));
	if (running === undefined || running !== start) rmSync(file, { force: true });
	return false;
}

function read(file: string): readonly string[] {
	try {
		return readFileSync(file, 'utf8').split(' ');
	} catch {
		return [];
	}
}

/** Returns the start time of a process, in the kernel's ticks (proc(5), field 22); undefined when there is none with that number. */
function startOf(pid: number): string | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
	} catch {
		return undefined;
	}
}
