import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LabInfo } from './types.ts';

/** The lab's folder: `$BACKOUT_LAB_DIR`, or `.lab` in this repository. */
export function labDir(): string {
	return resolve(process.env.BACKOUT_LAB_DIR || join(import.meta.dirname, '../../.lab'));
}

/** Returns the paths in the lab's folder. */
export function layout(dir: string) {
	// A unix socket's path has at most 107 bytes (unix(7)), and docker appends about 40 to its exec root.
	const short = dir.length <= 60 ? join(dir, 'docker') : `/run/backout-lab-${hash(dir)}`;
	return {
		dir,
		bin: join(dir, 'bin'),
		cache: join(dir, 'cache'),
		baseTar: join(dir, 'cache', 'base.tar.gz'),
		seedDump: join(dir, 'cache', 'seed.sql.gz'),
		keep: join(dir, 'cache', 'keep'),
		ssh: join(dir, 'ssh'),
		logs: join(dir, 'log'),
		dockerRoot: join(dir, 'docker', 'data'),
		dockerRun: short,
		dockerExec: join(short, 'exec'),
		dockerSocket: join(short, 'docker.sock'),
		dockerPid: join(short, 'docker.pid'),
		containerdPid: join(short, 'exec', 'containerd', 'containerd.pid'),
		sshdPid: join(dir, 'ssh', 'sshd.pid'),
		jumpPid: join(dir, 'ssh', 'jump.pid'),
		origin: join(dir, 'srv', 'origin.git'),
		directory: join(dir, 'srv', 'abstractfinance'),
		/** Parts of the deployment outside its folder: the broker's books, the vault, root's SSH folder for cross-monitor. */
		broker: join(dir, 'host', 'broker'),
		vault: join(dir, 'host', 'vault'),
		rootSsh: join(dir, 'host', 'root-ssh'),
		cron: `/etc/cron.d/abstractfinance-${hash(dir)}`,
		watchdogPid: join(dir, 'watchdog.pid'),
		info: join(dir, 'info.json'),
		lock: join(dir, 'lock'),
	};
}

export type Layout = ReturnType<typeof layout>;

/** The saved description of the lab, or null when `up` has not been there yet. */
export function loadInfo(dir: string): LabInfo | null {
	const file = layout(dir).info;
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabInfo) : null;
}

/** Saves the description; a reader sees the old one or the new one, whole. */
export function saveInfo(info: LabInfo): void {
	const file = layout(info.dir).info;
	writeFileSync(`${file}.new`, `${JSON.stringify(info, null, '\t')}\n`);
	renameSync(`${file}.new`, file);
}

/** The environment of the host's ssh sessions, for commands run beside them. */
export function hostEnv(info: LabInfo): Record<string, string | undefined> {
	return {
		PATH: info.path,
		DOCKER_HOST: `unix://${info.dockerSocket}`,
		DOCKER_CONTEXT: undefined,
		GIT_DIR: undefined,
		GIT_WORK_TREE: undefined,
		GIT_INDEX_FILE: undefined,
		// The work tree is the owner's; safe.directory counts only from protected configuration (git-config(1)).
		GIT_CONFIG_COUNT: '1',
		GIT_CONFIG_KEY_0: 'safe.directory',
		GIT_CONFIG_VALUE_0: '*',
		LC_ALL: 'C.UTF-8',
		// As in the sessions (ssh-servers.ts).
		GOGC: 'off',
		GOMAXPROCS: '1',
		...Object.fromEntries(notOfTheHost.map((name) => [name, undefined])),
	};
}

/** Variables that Compose reads before .env: this process may have them (vitest sets MODE), the host does not. */
const notOfTheHost =
	'MODE TRADING_MODE FORCE_EXECUTION DB_NAME DB_USER DB_PASSWORD IBKR_USERNAME IBKR_PASSWORD IBKR_TOTP_KEY VNC_PASSWORD TELEGRAM_BOT_TOKEN TELEGRAM_CHAT_ID GRAFANA_USER GRAFANA_PASSWORD COMPOSE_FILE COMPOSE_PROJECT_NAME COMPOSE_PROFILES COMPOSE_ENV_FILES'.split(
		' ',
	);

export function hash(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Like `hostEnv`, for a program that runs as the owner (see owner.ts). */
export function ownerEnv(info: LabInfo): Record<string, string | undefined> {
	return { ...hostEnv(info), HOME: ownerHome, USER: info.owner, LOGNAME: info.owner };
}

/** The files that all labs of this machine share: the owner's home folder, and a list of the labs that use that account. */
export const shared = '/var/lib/backout-lab';
export const ownerHome = join(shared, 'home');
