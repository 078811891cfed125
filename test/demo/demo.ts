import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The program as users start it; `npm test` builds it first. */
export const backout = join(import.meta.dirname, '..', '..', 'bin', 'backout.js');

export interface Ended {
	readonly code: number | null;
	readonly said: string;
}

/** Runs a program to its end, with its two outputs apart. */
export const runApart = (
	file: string,
	args: readonly string[],
	env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> =>
	new Promise((resolve, reject) => {
		const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
		let stdout = '';
		let stderr = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, stdout, stderr }));
	});

/** Runs a program to its end; `said` is both its outputs as they came. */
export const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Ended> =>
	new Promise((resolve, reject) => {
		const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
		let said = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => {
				said += text;
			});
		}
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, said }));
	});

/** A demo host that runs for commands. */
export interface ServedDemo {
	readonly config: string;
	readonly folder: string;
	/** The folder of its deployment. */
	readonly directory: string;
	/** The process that was started. */
	readonly pid: number;
	/** `backout` against it. */
	backout(...args: readonly string[]): Promise<Ended>;
	/** Like `backout`, with its two outputs separate. */
	backoutApart(...args: readonly string[]): ReturnType<typeof runApart>;
	/** A command on the host's own PATH, in the deployment's folder. */
	onHost(...args: readonly string[]): Promise<Ended>;
	stop(): Promise<Ended>;
}

/**
 * Starts `backout demo INCIDENT --serve` and waits until it stands.
 * @param by a program that starts what its arguments say, in its own place
 */
export const serveDemo = async (
	incident: string,
	env: NodeJS.ProcessEnv = {},
	by: readonly string[] = [],
): Promise<ServedDemo> => {
	const all = { ...process.env, ...env };
	const [file = '', ...args] = [...by, process.execPath, backout, 'demo', incident, '--serve', '--json'];
	const child = spawn(file, args, {
		env: all,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, said })));
	const line = await new Promise<string>((resolve, reject) => {
		child.stdout.setEncoding('utf8').once('data', resolve);
		void ended.then(({ said: why }) => reject(new Error(`the demo host ended: ${why}`)));
	});
	const { config } = JSON.parse(line) as { readonly config?: string };
	if (config === undefined) {
		throw new Error(`the demo host did not start: ${line}`);
	}
	const folder = join(config, '..');
	const directory = join(folder, 'srv', 'abstractfinance');
	const hostEnv = {
		...process.env,
		PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
		DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
		GIT_CONFIG_NOSYSTEM: '1',
		HOME: join(folder, 'home'),
	};
	return {
		config,
		folder,
		directory,
		pid: child.pid ?? 0,
		backout: (...args) => run(process.execPath, [backout, '--config', config, ...args], all),
		backoutApart: (...args) => runApart(process.execPath, [backout, '--config', config, ...args], all),
		onHost: (file = '', ...args) => run(file, args, hostEnv, directory),
		stop: () => {
			child.kill('SIGTERM');
			return ended;
		},
	};
};
