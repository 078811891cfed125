import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, runProgram, type Said } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';

/** An operator's machine with a config for one deployment. */
export interface Place {
	readonly folder: string;
	/** The environment of the operator's programs. */
	readonly env: NodeJS.ProcessEnv;
	backout(...args: readonly string[]): Promise<Said>;
	/** Opens the dashboard in a terminal of 120 × 40. The caller closes it. */
	open(): Pty;
	/** Lets the run of the procedure `hold` end. */
	letGo(): void;
	remove(): void;
}

export interface PlaceOptions {
	/** YAML for the target's `host`. Default: this machine. */
	readonly host?: string;
	/** The folder for runs on the host. Default: in the place's own folder. */
	readonly state?: string;
	/** More lines of the target. */
	readonly target?: string;
	/** More lines of the runbook. */
	readonly runbook?: string;
	/** The settling time of the verification. Default: 3 s. */
	readonly settle?: string;
}

/** What a place is for. */
export interface PlaceOf {
	/** The engine of its target, whose runbook of the same name is extended. */
	readonly engine: string;
	/** The lines of the target that say which deployment it is. */
	readonly deployment: string;
	/** A git clone. The target has another one: two machines do not share a folder. */
	readonly clone: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** How long the verification may take. Default: a minute. */
	readonly deadline?: string;
}

/** Writes a config. Its runbook has the procedure `hold`, which changes nothing and goes on until it is let go. */
export const openPlace = (
	{ engine, deployment, clone, env: given, deadline = '1m' }: PlaceOf,
	{ host = 'local', state, target = '', runbook = '', settle = '3s' }: PlaceOptions = {},
): Place => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-nodes-place-'));
	const env = { ...process.env, ...given, HOME: folder, XDG_STATE_HOME: join(folder, 'state') };
	const directory = join(folder, 'clone');
	execFileSync('git', ['clone', '-q', clone, directory], { env });
	const go = join(folder, 'go');
	writeFileSync(
		join(folder, 'quick.yaml'),
		`extends: ${engine}
variables: { service: web, settle: 2 }
verification: { settle: ${settle}, deadline: ${deadline} }
procedures:
  hold:
    title: Hold
    when: For a test.
    risk: disruptive
    steps: [{ id: hold, title: Hold, wait: { until: test -e ${go}, timeout: 10m } }]
    verify: []
${runbook}`,
	);
	writeFileSync(
		join(folder, 'backout.yaml'),
		`targets:
  t:
    host: ${host}
    engine: ${engine}
    ${deployment}
    directory: ${directory}
    state: ${state ?? join(folder, 'runs')}
    runbook: ./quick.yaml
    runs: { freeSpace: 1MB }
${target}`,
	);
	return {
		folder,
		env,
		backout: (...args) => runProgram(folder, env, args),
		open: () => startInPty(process.execPath, [program], { cwd: folder, env }),
		letGo: () => writeFileSync(go, ''),
		remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
	};
};
