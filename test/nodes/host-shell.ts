import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../lab/exec.ts';

const engines = join(import.meta.dirname, '../../src/engines');

/** The text of an engine's shell: these files of the folder that engines share, and the engine's own without its programs. */
export const functionsOf = (engine: string, shared: readonly string[], programs: readonly string[]): string =>
	[
		...shared.map((name) => join('docker', name)),
		...readdirSync(join(engines, engine))
			.filter((name) => name.endsWith('.sh') && !programs.includes(name))
			.map((name) => join(engine, name)),
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

/** A host as the runner sees it: a state folder, and runs in it. */
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

/** The host of an engine, for scripts that call the functions of its shell. */
export interface HostOf {
	readonly engine: string;
	readonly functions: () => string;
	/** The environment of every script, by the state folder. */
	readonly env: (state: string) => Readonly<Record<string, string | undefined>>;
	/** A program that runs POSIX sh, with its arguments. Default: dash. */
	readonly shell?: readonly [string, ...string[]] | undefined;
}

/** Makes a host of this machine. */
export const openShellHost = ({ engine, functions, env, shell = ['dash'] }: HostOf): Host => {
	const state = mkdtempSync(join(tmpdir(), `backout-${engine}-state-`));
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
		const { code, stdout, stderr } = await exec(command, [...words, '-s'], {
			env: {
				...env(state),
				state_dir: state,
				run_dir: at,
				run_id: at.slice(at.lastIndexOf('/') + 1),
				restore_dir: join(at, 'restore'),
				...given,
			},
			input: `main() {\n${script}\n}\n${ofRunner}${functions()}\nmain </dev/null\n`,
			timeout: 240_000,
		});
		return { code, text: `${stdout}${stderr}`.trim() };
	};
	return {
		state,
		run,
		must: async (script, given) => {
			const { code, text } = await run(script, given);
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
