import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a file holds; empty when it cannot be read. */
export const textOf = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/** What is in a folder; nothing when it cannot be read. */
export const namesIn = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
};

const linkOf = (path: string): string => {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
};

const others = (): readonly number[] =>
	namesIn('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((pid) => pid !== process.pid);

/** A process with its command, for a message. */
export const named = (pid: number): string =>
	`${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 120)}`;

/** Processes that work in a folder or have a file of it open. */
export const usersOf = (folder: string): readonly number[] => {
	const within = (path: string) => path === folder || path.startsWith(`${folder}/`);
	return others().filter(
		(pid) =>
			within(linkOf(`/proc/${pid}/cwd`)) ||
			namesIn(`/proc/${pid}/fd`).some((fd) => within(linkOf(`/proc/${pid}/fd/${fd}`))),
	);
};

/** The session a process belongs to (proc_pid_stat(5)). */
export const sessionOf = (pid: number): number =>
	Number(
		textOf(`/proc/${pid}/stat`)
			.replace(/^.*\) /s, '')
			.split(' ')[3],
	);

/** The process that started a process, or has taken it over. */
export const parentOf = (pid: number): number =>
	Number(
		textOf(`/proc/${pid}/stat`)
			.replace(/^.*\) /s, '')
			.split(' ')[1],
	);

/** Processes whose working folder has this text in its path, also when it is deleted. */
export const workingIn = (text: string): readonly number[] =>
	others().filter((pid) => linkOf(`/proc/${pid}/cwd`).includes(text));

/** Processes that were started with this text in their environment, and what they have started. */
export const startedWith = (text: string): readonly number[] =>
	others().filter((pid) => textOf(`/proc/${pid}/environ`).includes(text));

/** What a process has open: for each descriptor where it leads. */
export const descriptorsOf = (pid: number): readonly string[] =>
	namesIn(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`).replace(/^(socket|pipe):.*/, '$1'));

export const childrenOf = (pid: number): readonly number[] =>
	namesIn(`/proc/${pid}/task`).flatMap((task) =>
		textOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
	);

/** Kills the supervisor of a run itself: it leads its session; its timers have the same words and may have a lower pid. */
export const killSupervisor = (run: string): void => {
	const supervisor = workingIn(run).find(
		(pid) => textOf(`/proc/${pid}/cmdline`).includes('supervisor.sh') && sessionOf(pid) === pid,
	);
	if (supervisor === undefined) {
		throw new Error(`the run ${run} has no supervisor`);
	}
	process.kill(supervisor, 'SIGKILL');
};
