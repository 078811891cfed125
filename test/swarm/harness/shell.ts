import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../../lab/exec.ts';
import type { Node } from '../../nodes/node.ts';
import type { Stack } from './stack.ts';

const engines = join(import.meta.dirname, '../../../src/engines');

/** All functions of the Swarm's shell. */
export const functions = (): string =>
	[
		...['engine.sh', 'ground-changed.sh', 'image-ids.sh', 'json.sh', 'seconds-of.sh'].map((name) =>
			join('docker', name),
		),
		...readdirSync(join(engines, 'swarm'))
			// The program of a run's folder is no function.
			.filter((name) => name.endsWith('.sh') && name !== 'shared-lock.sh')
			.map((name) => join('swarm', name)),
	]
		.map((path) => readFileSync(join(engines, path), 'utf8'))
		.join('\n');

/** What the runner's own functions do, as far as these tests need it. */
const ofRunner = 'keep() { echo "kept: $*"; }\nmiss() { echo "NOT KEPT: $*"; }\nkeep_file() { echo "kept: $1"; }\n';

export interface Ran {
	readonly code: number;
	/** What it printed, standard output and error. */
	readonly text: string;
}

/** A manager as the runner sees it: a state folder, and runs in it. */
export interface Host {
	readonly state: string;
	/** Runs a script as a step of the current run. */
	run(script: string, env?: Record<string, string>): Promise<Ran>;
	/** The same; returns what it printed, and throws that when it fails. */
	must(script: string, env?: Record<string, string>): Promise<string>;
	/** Begins another run, so that what the one before has written is another's. */
	nextRun(): void;
	/** The restore point of the current run. */
	readonly restore: string;
	remove(): void;
}

/** @param shell a program that runs POSIX sh, with its arguments */
export const openHost = (stack: Stack, node: Node, shell: readonly [string, ...string[]] = ['dash']): Host => {
	const state = mkdtempSync(join(tmpdir(), 'backout-swarm-state-'));
	let number = 0;
	let at = '';
	const nextRun = () => {
		number += 1;
		at = join(state, 'runs', `20260101T00000${number}Z-abcdef`);
		mkdirSync(join(at, 'restore'), { recursive: true });
	};
	nextRun();
	const [command, ...words] = shell;
	const run = async (script: string, given: Record<string, string> = {}): Promise<Ran> => {
		const env = {
			...node.env,
			stack: stack.name,
			directory: stack.clone,
			state_dir: state,
			run_dir: at,
			run_id: at.slice(at.lastIndexOf('/') + 1),
			restore_dir: join(at, 'restore'),
			...given,
		};
		const { code, stdout, stderr } = await exec(command, [...words, '-s'], {
			env,
			input: `main() {\n${script}\n}\n${ofRunner}${functions()}\nmain </dev/null\n`,
			timeout: 240_000,
		});
		return { code, text: `${stdout}${stderr}`.trim() };
	};
	return {
		state,
		run,
		must: async (script, env) => {
			const { code, text } = await run(script, env);
			if (code !== 0) {
				throw new Error(`${script} ended with ${code}:\n${text}`);
			}
			return text;
		},
		nextRun,
		get restore() {
			return join(at, 'restore');
		},
		remove: () => rmSync(state, { recursive: true, force: true }),
	};
};
