import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Said } from '../../helpers/program.ts';
import type { Node } from './node.ts';
import type { Stack } from './stack.ts';

/** An operator's machine with a config for a stack, by way of one manager. */
export interface Place {
	readonly folder: string;
	/** The environment of the operator's programs. */
	readonly env: NodeJS.ProcessEnv;
	backout(...args: readonly string[]): Promise<Said>;
	/** Lets the run of the procedure `hold` end. */
	letGo(): void;
	remove(): void;
}

export interface PlaceOptions {
	/** YAML for the target's `host`. Default: this machine. */
	readonly host?: string;
	/** More lines of the target. */
	readonly target?: string;
	/** More lines of the runbook. */
	readonly runbook?: string;
}

/**
 * Writes a config for a stack, on this manager. Its runbook has the procedure `hold`, which changes nothing and goes on until it is let go.
 * The clone is another than the stack's own: two machines do not share a folder.
 */
export const createPlace = (
	stack: Stack,
	node: Node,
	{ host = 'local', target = '', runbook = '' }: PlaceOptions = {},
): Place => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-swarm-place-'));
	const env = { ...process.env, ...node.env, HOME: folder, XDG_STATE_HOME: join(folder, 'state') };
	const directory = join(folder, 'clone');
	execFileSync('git', ['clone', '-q', stack.clone, directory], { env });
	const go = join(folder, 'go');
	writeFileSync(
		join(folder, 'quick.yaml'),
		`extends: swarm
variables: { service: web, settle: 2 }
verification: { settle: 3s, deadline: 1m }
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
    engine: swarm
    project: ${stack.name}
    directory: ${directory}
    state: ${join(folder, 'runs')}
    runbook: ./quick.yaml
    runs: { freeSpace: 1MB }
${target}`,
	);
	return {
		folder,
		env,
		backout: (...args) => runProgram(folder, env, args),
		letGo: () => writeFileSync(go, ''),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
};
