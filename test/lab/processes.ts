import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts a server that outlives this program. Its output is appended to `log`.
 * Gives its process id at once; whether it serves is for the caller to find out.
 */
export function startDaemon(command: string, args: string[], log: string, env: Record<string, string> = {}): number {
	const output = openSync(log, 'a');
	try {
		const child = spawn(command, args, {
			detached: true,
			stdio: ['ignore', output, output],
			env: { ...process.env, ...env },
		});
		child.on('error', () => {});
		child.unref();
		if (child.pid === undefined) throw new Error(`cannot start ${command}`);
		return child.pid;
	} finally {
		closeSync(output);
	}
}

/** The process id in a pid file, when a process of that id runs `program`; otherwise null. Ids are used again, hence the second look. */
export function runningPid(pidFile: string, program: string): number | null {
	try {
		const pid = Number(readFileSync(pidFile, 'utf8'));
		const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
		const dead = /^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
		return !dead && command.includes(program) ? pid : null;
	} catch {
		return null;
	}
}

/** Ends the process of a pid file and waits until it is gone; kills it after `patience` milliseconds. Removes the file. */
export async function stopByPidFile(pidFile: string, program: string, patience = 30_000): Promise<void> {
	const pid = runningPid(pidFile, program);
	if (pid !== null) {
		process.kill(pid, 'SIGTERM');
		const gone = await waitFor(() => runningPid(pidFile, program) !== pid, patience);
		if (!gone) {
			process.kill(pid, 'SIGKILL');
			await waitFor(() => runningPid(pidFile, program) !== pid, 5000);
		}
	}
	rmSync(pidFile, { force: true });
}

/** Asks again and again until it is so. False when `timeout` milliseconds have passed. */
export async function waitFor(
	holds: () => boolean | Promise<boolean>,
	timeout: number,
	interval = 100,
): Promise<boolean> {
	const end = Date.now() + timeout;
	for (;;) {
		if (await holds()) return true;
		if (Date.now() > end) return false;
		await delay(interval);
	}
}
