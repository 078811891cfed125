import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// The process has ended.
		return '';
	}
};

const tasksOf = (pid: number): readonly string[] => {
	try {
		return readdirSync(`/proc/${pid}/task`);
	} catch {
		return [];
	}
};

/** A process and all below it. */
export const processTree = (root: number): readonly number[] => {
	const all = [root];
	for (let at = 0; at < all.length; at++) {
		for (const task of tasksOf(all[at] ?? 0)) {
			const children = read(`/proc/${all[at]}/task/${task}/children`).split(' ');
			all.push(...children.filter((pid) => pid !== '').map(Number));
		}
	}
	return all;
};

/** Seconds of processor time of the processes that live, with those of their children that have ended; schedstat counts in nanoseconds. */
export const cpuSeconds = (pids: readonly number[]): number =>
	pids.reduce((sum, pid) => {
		const live = tasksOf(pid).map((task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]) || 0);
		const fields = read(`/proc/${pid}/stat`)
			.replace(/^.*\) /s, '')
			.split(' ');
		const ended = (Number(fields[13]) || 0) + (Number(fields[14]) || 0);
		return sum + live.reduce((all, nanos) => all + nanos, 0) / 1e9 + ended / 100;
	}, 0);

/** Resident memory now, in MB of 1024 × 1024 bytes. */
export const residentMb = (pid: number): number =>
	Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024;

/** The most it ever was. */
export const mostResidentMb = (pid: number): number =>
	Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024;

/** Percent of one core that the processes below `root` use, for each of so many pieces of time. */
export const cpuPercents = async (root: number, seconds: number, pieces: number): Promise<readonly number[]> => {
	const percents: number[] = [];
	let before = cpuSeconds(processTree(root));
	let since = performance.now();
	for (let piece = 0; piece < pieces; piece++) {
		await delay((seconds * 1000) / pieces);
		const now = cpuSeconds(processTree(root));
		const at = performance.now();
		percents.push(((now - before) / ((at - since) / 1000)) * 100);
		before = now;
		since = at;
	}
	return percents;
};
