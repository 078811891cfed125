import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../../lab/exec.ts';

const engines = join(import.meta.dirname, '../../../src/engines');
/** These are programs, or sets of functions of their own. */
const programs = ['snapshot.sh', 'follow.sh', 'logs.sh', 'watch.sh'];

/** All functions of the engine's shell. */
export const functions = (): string =>
	[
		...['ground-changed.sh', 'json.sh', 'seconds-of.sh', 'words.sh'].map((name) => join('docker', name)),
		...readdirSync(join(engines, 'kubernetes'))
			.filter((name) => name.endsWith('.sh') && !programs.includes(name))
			.map((name) => join('kubernetes', name)),
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

/** The host with kubectl as the runner sees it: a state folder, and runs in it. */
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

/**
 * @param env how kubectl is called: PATH and KUBECONFIG
 * @param shell a program that runs POSIX sh, with its arguments
 */
export const openHost = (
	kubeNamespace: string,
	env: Readonly<Record<string, string | undefined>>,
	shell: readonly [string, ...string[]] = ['dash'],
): Host => {
	const state = mkdtempSync(join(tmpdir(), 'backout-kubernetes-state-'));
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
				HOME: state,
				...env,
				project: kubeNamespace,
				kube_namespace: kubeNamespace,
				directory: state,
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
