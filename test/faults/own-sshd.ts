import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabInfo } from '../lab/index.ts';
import { layout } from '../lab/layout.ts';
import { waitFor } from '../lab/processes.ts';
import { freePort } from '../ssh/sshd.ts';

/** A second way to the lab's host, with its keys and environment, that may be killed without harm to anybody else. */
export interface OwnSshd {
	readonly port: number;
	/** The processes of its sessions. */
	sessions(): readonly number[];
	/** Kills the sessions' processes; the listener stays. */
	killSessions(): void;
	/** Kills the listener and its sessions. */
	stop(): Promise<void>;
	start(): Promise<void>;
}

/** @param path put before the PATH of its sessions; a program there takes the place of the host's own */
export const startOwnSshd = async (info: LabInfo, folder: string, path: string): Promise<OwnSshd> => {
	const port = await freePort();
	const file = join(folder, 'sshd_config');
	const config = readFileSync(join(layout(info.dir).ssh, 'sshd_config'), 'utf8')
		.replace(/^Port .*$/m, `Port ${port}`)
		.replace(/^PidFile .*$/m, 'PidFile none')
		.replace(/^(SetEnv .*)PATH=/m, `$1PATH=${path}:`);
	writeFileSync(file, config);
	let child: ReturnType<typeof spawn> | undefined;

	const sessions = () => {
		if (child?.pid === undefined || child.exitCode !== null) {
			return [];
		}
		try {
			const line = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
			return line === '' ? [] : line.split(' ').map(Number);
		} catch {
			return [];
		}
	};
	const killSessions = () => {
		for (const pid of sessions()) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// It ended by itself.
			}
		}
	};
	const start = async () => {
		const started = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
		let said = '';
		started.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		child = started;
		if (!(await waitFor(() => said.includes('Server listening') || started.exitCode !== null, 30_000, 20))) {
			throw new Error(`sshd does not listen: ${said}`);
		}
		if (started.exitCode !== null) {
			throw new Error(`sshd ended: ${said}`);
		}
	};
	const stop = async () => {
		killSessions();
		const ending = child;
		if (ending !== undefined && ending.exitCode === null && ending.signalCode === null) {
			const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
			ending.kill('SIGKILL');
			await gone;
		}
	};
	await start();
	return { port, sessions, killSessions, start, stop };
};
