import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { labConfig } from '../lab/config.ts';
import { type LabInfo, labAvailable } from '../lab/index.ts';

const available = await labAvailable();
if (!available.ok && process.env.BACKOUT_LAB === 'required') {
	throw new Error(`the lab is required: ${available.reason}`);
}
if (!available.ok) {
	console.warn(`skipped: the lab is not available: ${available.reason}`);
}
export const withoutLab = !available.ok;

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Standard output as NDJSON; a line that docs/json.md does not describe is an error. */
	json(): readonly Record<string, unknown>[];
}

export interface Running {
	readonly pid: number;
	kill(signal: NodeJS.Signals): void;
	/** Resolves when `test` holds for what it has written so far. */
	until(test: (stdout: string) => boolean): Promise<string>;
	readonly ended: Promise<Ended>;
}

/** A folder of its own with a config for the lab, and backout run in it. */
export interface Workplace {
	readonly folder: string;
	start(...args: readonly string[]): Running;
	run(...args: readonly string[]): Promise<Ended>;
	/** The dashboard, or a command, in a real pseudo-terminal. */
	open(args?: readonly string[], size?: { columns: number; rows: number }): Pty;
	write(name: string, text: string): string;
	remove(): void;
}

const start = (folder: string, args: readonly string[], env: Readonly<Record<string, string>>): Running => {
	const child = spawn(process.execPath, [program, ...args], {
		cwd: folder,
		// vitest's MODE would be read by the Compose of a host that is this machine.
		env: { ...process.env, MODE: undefined, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	const watchers = new Set<() => void>();
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
		for (const watcher of [...watchers]) {
			watcher();
		}
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const ended = new Promise<Ended>((resolve) => {
		child.on('close', (code, signal) => {
			resolve({ code, signal, stdout, stderr, json: () => readLines(stdout) });
		});
	});
	return {
		pid: child.pid ?? 0,
		kill: (signal) => child.kill(signal),
		until: (test) =>
			new Promise((resolve, reject) => {
				const look = () => {
					if (test(stdout)) {
						watchers.delete(look);
						resolve(stdout);
					}
				};
				watchers.add(look);
				void ended.then(() => reject(new Error(`ended before that was seen:\n${stdout}\n${stderr}`)));
				look();
			}),
		ended,
	};
};

/**
 * The runbook is the built-in one with a shorter settling time, unless the settings name another.
 * @param settings of the target `lab`, added to or taking the place of the lab's own
 * @param env added to the environment of the program
 */
export const createWorkplace = (
	info: LabInfo,
	settings: Readonly<Record<string, unknown>> = {},
	env: Readonly<Record<string, string>> = {},
): Workplace => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-'));
	// The folder of runs is in it, and the deployment's owner works there, too.
	chmodSync(folder, 0o755);
	const write = (name: string, text: string) => {
		const file = join(folder, name);
		writeFileSync(file, text);
		return file;
	};
	// The runbook as it ships, but for times: the lab's crashes show within seconds.
	write('quick.yaml', 'extends: abstractfinance\nvariables: { stopped_watch: 4 }\nverification: { settle: 8s }\n');
	write('backout.yaml', labConfig(info, { state: join(folder, 'state'), runbook: './quick.yaml', ...settings }));
	return {
		folder,
		start: (...args) => start(folder, args, env),
		run: (...args) => start(folder, args, env).ended,
		open: (args = [], size = { columns: 120, rows: 40 }) =>
			startInPty(process.execPath, [program, ...args], { ...size, cwd: folder }),
		write,
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
};
