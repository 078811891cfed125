import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import type { Plan, PlanStep } from '../../src/runbook/plan.ts';
import type { OutputGap, Run } from '../../src/runbook/run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { followRun } from '../../src/services/runner/runner.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

export const who = { user: 'ana', machine: 'laptop' };

export const step = (id: string, script: string, more: Partial<PlanStep> = {}): PlanStep => ({
	id,
	title: id,
	kind: 'run',
	script,
	timeoutSeconds: 60,
	...more,
});

export interface Deployment {
	readonly directory: string;
	readonly state: string;
	/** Where its runs are, as the runner's functions take it. */
	readonly where: { readonly directory: string; readonly state: string };
	plan(steps: readonly PlanStep[], more?: Partial<Plan>): Plan;
	/** Runs git in the directory, as somebody with a name; gives its output without blanks around it. */
	git(...args: string[]): string;
	/** Writes a file of the directory. */
	write(name: string, text: string): void;
	remove(): void;
}

/** A plan of these steps for the deployment in a directory. */
export const makePlan = (directory: string, steps: readonly PlanStep[], more: Partial<Plan> = {}): Plan => ({
	version: 1,
	procedure: 'rollback-image',
	title: 'Roll back the image',
	when: '',
	risk: 'disruptive',
	target: 'test',
	host: 'local',
	directory,
	project: 'app',
	madeAt: Date.now(),
	inputs: [],
	environment: {},
	preconditions: [],
	previews: [],
	steps,
	interrupts: [],
	verification: { checks: [], settleSeconds: 0, deadlineSeconds: 0 },
	notes: [],
	...more,
});

/** An empty deployment directory, with a state folder beside it that does not exist yet. @param parent where: a temporary folder */
export const makeDeployment = (parent = tmpdir()): Deployment => {
	const root = realpathSync(mkdtempSync(join(parent, 'backout-runner-')));
	const directory = join(root, 'app');
	const state = join(root, 'state');
	mkdirSync(directory);
	return {
		directory,
		state,
		where: { directory, state },
		plan: (steps, more = {}) => makePlan(directory, steps, more),
		git: (...args) =>
			execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
				cwd: directory,
				stdio: ['ignore', 'pipe', 'pipe'],
			})
				.toString()
				.trim(),
		write: (name, text) => writeFileSync(join(directory, name), text),
		remove: () => rmSync(root, { recursive: true, force: true }),
	};
};

export const localHost = (env: NodeJS.ProcessEnv = process.env): Host => new LocalHost({ env });

/** This machine as most servers are: git has no identity; and without Docker. */
export const plainHost = ({ directory }: Deployment): Host =>
	localHost({ ...process.env, HOME: directory, GIT_CONFIG_NOSYSTEM: '1', DOCKER_HOST: 'unix:///no/docker.sock' });

/**
 * Gives each test of the file or suite a deployment and a host of its own, before the hooks that are declared after this; both are
 * removed after all other hooks.
 *
 * @param open opens the host; default: this machine
 */
export const eachDeployment = (
	take: (opened: { readonly deployment: Deployment; readonly host: Host }) => void,
	open: (deployment: Deployment) => Host = () => localHost(),
): void => {
	beforeEach(() => {
		const deployment = makeDeployment();
		const host = open(deployment);
		take({ deployment, host });
		return async () => {
			await host.close();
			deployment.remove();
		};
	});
};

/** A read-only session of the runner's tests with a deployment: without checks, and with an engine that has no containers. */
export const readOnlySession = ({ where }: Deployment, host: Host): Session => {
	const runbook = { variables: {}, procedures: [], checks: [], links: [], monitors: {} };
	const target = { ...where, host: 'local', name: 'test', project: 'app', runbook };
	return { host, engine: createMemoryEngine(), target, readOnly: true } as unknown as Session;
};

/** Follows to the end; gives the run and all of its output, and fails when bytes were missing or came twice. */
export const finish = async (
	host: Host,
	where: Deployment['where'],
	id: string,
	from = 0,
): Promise<{ run: Run; output: string; bytes: Buffer; gaps: OutputGap[] }> => {
	const chunks: Buffer[] = [];
	const gaps: OutputGap[] = [];
	let next = from;
	const run = await followRun(host, where, id, {
		from,
		onOutput: (bytes, offset) => {
			if (offset !== next) {
				throw new Error(`output at ${offset}, expected ${next}`);
			}
			next += bytes.length;
			chunks.push(bytes);
		},
		onGap: (gap) => {
			if (gap.from !== next) {
				throw new Error(`a gap at ${gap.from}, expected ${next}`);
			}
			next = gap.to;
			gaps.push(gap);
		},
	});
	const bytes = Buffer.concat(chunks);
	return { run, output: bytes.toString('utf8'), bytes, gaps };
};

/** Resolves when the run's output holds the text, by following it. */
export const untilOutput = async (host: Host, where: Deployment['where'], id: string, text: string): Promise<void> => {
	const enough = new AbortController();
	let seen = '';
	await followRun(host, where, id, {
		signal: enough.signal,
		onOutput: (bytes) => {
			seen += bytes.toString('utf8');
			if (seen.includes(text)) {
				enough.abort();
			}
		},
	}).catch((error: unknown) => {
		if (!enough.signal.aborted) {
			throw error;
		}
	});
};

/** True while the process does something: a zombie, which nobody has reaped yet, does not (proc(5), the field after the name). */
export const alive = (pid: number): boolean => {
	try {
		return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
};
