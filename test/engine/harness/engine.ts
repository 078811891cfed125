import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOf } from '../../helpers/proc.ts';
import { callComposeAtOnce } from '../../lab/compose-at-once.ts';
import { chooseClient, hostPath, startEngine, stopEngine, unmountAll } from '../../lab/docker-engine.ts';
import { exec } from '../../lab/exec.ts';
import { type Layout, layout } from '../../lab/layout.ts';
import { importBase } from './base-image.ts';

/** A Docker engine for these tests alone: no bridge, no packet filter, addresses and folders of its own. */
export interface OwnEngine {
	readonly socket: string;
	/** The PATH under which `docker` is the client that fits the engine. */
	readonly path: string;
	/**
	 * Ends the daemon with all its containers, calls `meanwhile`, and starts it again as after a restart of the host: what it keeps in /run is
	 * gone.
	 */
	restart(meanwhile: () => Promise<void>): Promise<void>;
	/** Ends the daemon with all its containers and removes its folders. */
	stop(): Promise<void>;
}

/** Returns the reason why no engine can run on this machine; undefined when one can. Starts nothing. */
export const engineMissing = async (): Promise<string | undefined> => {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) {
		return 'a Docker engine of its own needs Linux and root';
	}
	for (const file of ['/usr/sbin/dockerd', '/bin/busybox']) {
		if (!existsSync(file)) {
			return `${file} is not installed (Debian: docker.io, busybox)`;
		}
	}
	for (const [program, ...args] of [
		['git', '--version'],
		['iptables', '--version'],
		['docker', 'compose', 'version'],
	] as const) {
		const found = await exec(program, args).catch(() => ({ code: 127 }));
		if (found.code !== 0) {
			return `${[program, ...args].join(' ')} does not work`;
		}
	}
	return undefined;
};

const prefix = 'backout-engine-';
const memory = '/dev/shm';
const roomBytes = 3 * 1024 ** 3;

/** Images and containers are kept in memory where there is room: that is where the time goes otherwise. */
const dataRoot = (dir: string): string => {
	if (!existsSync(memory)) {
		return join(dir, 'docker', 'data');
	}
	const { bavail, bsize } = statfsSync(memory);
	return bavail * bsize > roomBytes ? mkdtempSync(join(memory, prefix)) : join(dir, 'docker', 'data');
};

/** The environment in which the owner of a deployment works: nothing of whoever runs the tests changes what Compose does. */
export const engineEnv = (socket: string, path: string): Record<string, string | undefined> => ({
	PATH: path,
	DOCKER_HOST: `unix://${socket}`,
	DOCKER_CONTEXT: undefined,
	COMPOSE_FILE: undefined,
	COMPOSE_PROJECT_NAME: undefined,
	COMPOSE_PROFILES: undefined,
	COMPOSE_ENV_FILES: undefined,
	COMPOSE_ANSI: 'never',
	COMPOSE_PROGRESS: 'plain',
	GIT_DIR: undefined,
	GIT_WORK_TREE: undefined,
	GIT_INDEX_FILE: undefined,
	GIT_CONFIG_GLOBAL: '/dev/null',
	GIT_AUTHOR_NAME: 'Ana',
	GIT_AUTHOR_EMAIL: 'ana@example.net',
	GIT_COMMITTER_NAME: 'Ana',
	GIT_COMMITTER_EMAIL: 'ana@example.net',
	LC_ALL: 'C.UTF-8',
	// Programs that run for a moment: collecting their garbage, and threads, cost more than they bring.
	GOGC: 'off',
	GOMAXPROCS: '1',
});

/** Ends a daemon with its containers, and removes what it leaves. */
const takeAway = async (at: Layout): Promise<void> => {
	await stopEngine(at);
	await unmountAll(at);
	await unmountAll({ ...at, dir: at.dockerRoot });
	// dockerd makes its data root a mount of its own.
	await exec('umount', ['-l', at.dockerRoot]);
	for (const folder of [at.dockerRoot, at.dir]) {
		rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	}
};

/** Takes away what tests that were killed have left: the process that started it is gone. */
const takeAwayOrphans = async (): Promise<void> => {
	for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
		const dir = join(tmpdir(), name);
		const [owner = '', root = ''] = textOf(join(dir, 'owner')).split('\n');
		if (owner !== '' && !existsSync(`/proc/${owner}`)) {
			// Somebody else may be at it.
			await takeAway({ ...layout(dir), dockerRoot: root }).catch(() => {});
		}
	}
};

/**
 * Starts an engine with the base image of the tests in it: a second or two.
 * @param root the folder of its images and containers; without it in memory, where there is room
 */
export const startOwnEngine = async (root?: string): Promise<OwnEngine> => {
	await takeAwayOrphans();
	const dir = mkdtempSync(join(tmpdir(), prefix));
	const at: Layout = { ...layout(dir), dockerRoot: root ?? dataRoot(dir) };
	writeFileSync(join(dir, 'owner'), `${process.pid}\n${at.dockerRoot}\n`);
	mkdirSync(at.logs, { recursive: true });
	mkdirSync(at.dockerRun, { recursive: true });
	await chooseClient(at);
	const stop = () => takeAway(at);
	try {
		await startEngine(at, 'root');
		const env = engineEnv(at.dockerSocket, hostPath(at));
		await callComposeAtOnce(at, env);
		await importBase(env, dir);
	} catch (error) {
		await stop();
		throw error;
	}
	const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
		await stopEngine(at);
		await exec('umount', ['-l', at.dockerRoot]);
		rmSync(at.dockerExec, { recursive: true, force: true });
		await meanwhile();
		await startEngine(at, 'root');
	};
	return { socket: at.dockerSocket, path: hostPath(at), restart, stop };
};
