import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { textOf } from '../../helpers/proc.ts';
import { runningPid, startDaemon, stopByPidFile, waitFor } from '../../lab/processes.ts';

/** A program of the cluster that is started and ended by itself. */
export interface Daemon {
	start(): void;
	/** Ends it at once, as a power cut does. */
	kill(): Promise<void>;
	/** Ends it in good order. */
	stop(): Promise<void>;
	runs(): boolean;
	/** The end of what it has logged. */
	log(): string;
}

/** How a program is started in a network namespace; what it starts as is found again by its own name. */
export interface Words {
	/** The path of the namespace. */
	readonly network: string;
	/** Words before the program, which start it in their place. */
	readonly before?: readonly string[];
	readonly program: string;
	readonly args: readonly string[];
}

/** @param folder has the program's log and its process id */
export const makeDaemon = (folder: string, { network, before = [], program, args }: Words): Daemon => {
	const name = basename(program);
	const pidFile = join(folder, `${name}.pid`);
	const log = join(folder, `${name}.log`);
	mkdirSync(folder, { recursive: true });
	return {
		start: () => {
			// Several of them share two cores with the tests, which are to be quick.
			const words = [`--net=${network}`, 'nice', '-n', '3', ...before, program, ...args];
			writeFileSync(pidFile, `${startDaemon('nsenter', words, log, { GOMAXPROCS: '2' })}\n`);
		},
		kill: async () => {
			const pid = runningPid(pidFile, name);
			if (pid !== null) {
				process.kill(pid, 'SIGKILL');
				await waitFor(() => runningPid(pidFile, name) !== pid, 10_000);
			}
			rmSync(pidFile, { force: true });
		},
		stop: () => stopByPidFile(pidFile, name, 5000),
		// Until it has taken the place of nsenter, its name is among the words of that.
		runs: () => textOf(`/proc/${textOf(pidFile).trim()}/cmdline`).includes(name),
		log: () => textOf(log).slice(-2000),
	};
};
