import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../lab/exec.ts';
import { type ContainerFacts, containersOf, imageNames, nameOf, networkNames, volumesOf } from './facts.ts';

/** All of a deployment that a run could change, read from the engine, git and the file system. */
export interface Snapshot {
	readonly containers: readonly ContainerFacts[];
	readonly images: Readonly<Record<string, string>>;
	readonly volumes: readonly string[];
	readonly networks: readonly string[];
	/** Path to mode and content; what git keeps, what it does not, and what it ignores. */
	readonly files: Readonly<Record<string, string>>;
	/** HEAD, branch, index, branches, work trees. */
	readonly git: Readonly<Record<string, string>>;
}

const filesIn = (folder: string, within = ''): readonly (readonly [string, string])[] =>
	readdirSync(join(folder, within), { withFileTypes: true }).flatMap((entry) => {
		const path = join(within, entry.name);
		const full = join(folder, path);
		if (entry.name === '.git') {
			return [];
		}
		if (entry.isDirectory()) {
			return filesIn(folder, path);
		}
		const mode = (lstatSync(full).mode & 0o777).toString(8);
		const content = entry.isSymbolicLink()
			? `-> ${readlinkSync(full)}`
			: createHash('sha256').update(readFileSync(full)).digest('hex').slice(0, 16);
		return [[path, `${mode} ${content}`] as const];
	});

const gitOf = async (cwd: string, env: Record<string, string | undefined>): Promise<Record<string, string>> => {
	const git = (...args: string[]) =>
		must('git', args, { cwd, env }).catch((error) => `none: ${String(error).slice(0, 60)}`);
	return {
		HEAD: await git('rev-parse', 'HEAD'),
		branch: await git('rev-parse', '--abbrev-ref', 'HEAD'),
		index: await git('ls-files', '-s'),
		status: await git('status', '--porcelain', '--ignored'),
		refs: await git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/stash'),
		worktrees: await git('worktree', 'list', '--porcelain'),
	};
};

/** Reads all of it. @param top the folder that git keeps, or the deployment's where there is no git */
export const takeSnapshot = async (
	top: string,
	token: string,
	env: Record<string, string | undefined>,
	withGit: boolean,
): Promise<Snapshot> => ({
	containers: await containersOf(env, token),
	images: await imageNames(env, token),
	volumes: await volumesOf(env, token),
	networks: await networkNames(env, token),
	files: Object.fromEntries(filesIn(top)),
	git: withGit ? await gitOf(top, env) : {},
});

const maps = (what: string, a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
	[...new Set([...Object.keys(a), ...Object.keys(b)])]
		.filter((key) => a[key] !== b[key])
		.map((key) => `${what} ${key}: before ${a[key] ?? 'none'}, now ${b[key] ?? 'none'}`);

const names = (what: string, before: readonly string[], now: readonly string[]): string[] => [
	...before.filter((name) => !now.includes(name)).map((name) => `${what} ${name}: it is gone`),
	...now.filter((name) => !before.includes(name)).map((name) => `${what} ${name}: it is new`),
];

const settings = ['image', 'command', 'policy', 'state'] as const;
const lists = ['env', 'mounts', 'ports', 'networks'] as const;

/**
 * True for one that had ended, and does not run after it was recreated: a job need not run a second time, nor a crashing one crash
 * again.
 */
const isWaiting = (before: ContainerFacts, now: ContainerFacts): boolean =>
	before.state.startsWith('exited ') && now.state === 'created 0';

/**
 * One that joined the network of a container that is gone, that did not run, or that crashes, runs only until it ends or is stopped:
 * it cannot be started again, nor one made like it, unless the other one happens to run at that moment.
 */
const isPastStarting = (before: ContainerFacts, now: ContainerFacts, others: readonly ContainerFacts[]): boolean => {
	const ranThen = others
		.filter(({ state, restarting, restarts }) => state === 'up' && !restarting && restarts === 0)
		.map(({ service }) => `service:${service}`);
	const joined = before.networks.filter((name) => name === 'gone' || name.startsWith('service:'));
	return joined.some((name) => !ranThen.includes(name)) && /^(exited|created) /.test(now.state);
};

/** What differs in one container's image, settings and state. @param others all containers as they were before */
export const containerDifferences = (
	before: ContainerFacts,
	now: ContainerFacts,
	others: readonly ContainerFacts[],
): readonly string[] => [
	...settings
		.filter(
			(key) =>
				before[key] !== now[key] &&
				!(key === 'state' && (isWaiting(before, now) || isPastStarting(before, now, others))),
		)
		.map((key) => `container ${nameOf(now)}: ${key} before ${before[key]}, now ${now[key]}`),
	...lists
		.filter((key) => before[key].join('\n') !== now[key].join('\n'))
		.map((key) => `container ${nameOf(now)}: ${key} before [${before[key].join(', ')}], now [${now[key].join(', ')}]`),
];

/**
 * Lists the current differences. @param same `containers` expects the very same containers, as after a refused run; `settings` expects
 * equal containers, as after an undo
 */
export const differences = (before: Snapshot, now: Snapshot, same: 'containers' | 'settings'): readonly string[] => {
	const found: string[] = [];
	for (const old of before.containers) {
		const next = now.containers.find((item) => nameOf(item) === nameOf(old));
		if (next === undefined) {
			found.push(`container ${nameOf(old)}: it is gone`);
		} else if (same === 'containers' && next.id !== old.id) {
			found.push(`container ${nameOf(old)}: it was made anew`);
		} else {
			found.push(...containerDifferences(old, next, before.containers));
		}
	}
	for (const next of now.containers) {
		if (!before.containers.some((item) => nameOf(item) === nameOf(next))) {
			found.push(`container ${nameOf(next)}: it was not there before`);
		}
	}
	return [
		...found,
		...maps('image name', before.images, now.images),
		...names('volume', before.volumes, now.volumes),
		...names('network', before.networks, now.networks),
		...maps('file', before.files, now.files),
		...maps('git', before.git, now.git),
	];
};
