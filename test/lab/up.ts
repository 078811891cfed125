import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { importImages, stampOf } from './base-image.ts';
import { resetBroker } from './broker.ts';
import { compose } from './compose.ts';
import { callComposeAtOnce } from './compose-at-once.ts';
import { removeCron, writeCron } from './cron.ts';
import { buildGoodImages, restoreUntracked, seedDatabase, waitForDatabase, writeState } from './deployment.ts';
import { chooseClient, engineAnswers, hostPath, startEngine, stopEngine, unmountAll } from './docker-engine.ts';
import { exec } from './exec.ts';
import { bringUpGuestbook } from './guestbook.ts';
import { heal } from './heal.ts';
import { makeRepositories } from './history.ts';
import { hostEnv, type Layout, layout, loadInfo, saveInfo } from './layout.ts';
import { stopWatchdog } from './other-server.ts';
import { makeOwner, owner, ownerIsShutOut, releaseOwner } from './owner.ts';
import { makeSettings, writeSecrets } from './secrets.ts';
import { passphrase, stopSsh, writeSshFiles } from './ssh-servers.ts';
import type { LabInfo } from './types.ts';

/** Brings the lab up in its good state, making what is not there yet. Does nothing much when it is up and well. */
export async function bringUp(dir: string, say: (line: string) => void): Promise<LabInfo> {
	const at = layout(dir);
	for (const folder of [at.cache, at.logs, at.broker, at.rootSsh]) mkdirSync(folder, { recursive: true });
	const saved = loadInfo(dir);
	const info = saved ?? (await newInfo(at));
	await makeOwner(at);
	const shutOut = await ownerIsShutOut(at);
	if (shutOut) throw new Error(shutOut);
	await chooseClient(at);
	await writeSshFiles(at, info);
	say('starting the Docker engine');
	await startEngine(at);
	const env = hostEnv(info);
	if (process.env.BACKOUT_LAB_COMPOSE === 'at once') await callComposeAtOnce(at, env);
	await importImages(at, env, say);
	// Saved only when all of it has been made: before that, it is made anew.
	const here = (name: string) => join(import.meta.dirname, name);
	const madeFrom = await stampOf(here('project'), here('stand-ins'), here('history.ts'));
	if (!saved || saved.madeFrom !== madeFrom || !existsSync(at.directory)) {
		say('making the repository and the deployment');
		await makeDeployment(at, info);
		info.madeFrom = madeFrom;
		saveInfo(info);
	}
	writeCron(at, info);
	say('bringing the deployment to its good state');
	await heal(at, info);
	const guestbook = ['ps', '-q', '--filter', 'label=com.docker.compose.project=guestbook'];
	if ((await exec('docker', guestbook, { env })).stdout.trim() === '') await bringUpGuestbook(at, info, freePort);
	return info;
}

async function makeDeployment(at: Layout, info: LabInfo): Promise<void> {
	await exec('sh', ['-c', removeAll], { env: hostEnv(info), timeout: 60_000 });
	await forgetRuns(at);
	rmSync(at.seedDump, { force: true });
	rmSync(at.keep, { recursive: true, force: true });
	mkdirSync(join(at.keep, 'backups'), { recursive: true });
	info.goodCommits = await makeRepositories(at, info);
	info.goodCommit = info.goodCommits.at(-1)?.hash ?? '';
	const settings = makeSettings();
	await writeSecrets(at, settings);
	resetBroker(at, settings.IBKR_USERNAME ?? '', settings.IBKR_PASSWORD ?? '');
	writeState(at);
	await restoreUntracked(at, info);
	await buildGoodImages(info);
	await compose(info, 'up', '-d', '--no-build', 'postgres', 'ibgateway');
	await waitForDatabase(info);
	await seedDatabase(at, info);
}

/** The project's containers and volumes. */
const removeAll = `
	ids=$(docker ps -aq --filter label=com.docker.compose.project=abstractfinance)
	[ -z "$ids" ] || docker rm -f $ids >/dev/null
	volumes=$(docker volume ls -q --filter label=com.docker.compose.project=abstractfinance)
	[ -z "$volumes" ] || docker volume rm -f $volumes >/dev/null`;

/**
 * Removes what backout keeps on the host of its runs in this lab's deployment, which is outside the lab where the config names no
 * folder: its name ends in the checksum of the deployment's path.
 */
async function forgetRuns(at: Layout): Promise<void> {
	const script = `sum=$(printf '%s' "$1" | cksum | cut -d ' ' -f 1)
		rm -rf /var/lib/backout/*-"$sum" "$2"/.backout-*`;
	await exec('sh', ['-c', script, 'sh', at.directory, dirname(at.directory)]);
}

/** Ends the lab's containers, servers and mounts, and what it has outside its folder. Keeps the folder, unless `purge` is set. */
export async function takeDown(dir: string, purge: boolean): Promise<void> {
	const at = layout(dir);
	const info = loadInfo(dir);
	await stopWatchdog(at);
	removeCron(at);
	await stopSsh(at);
	if (info && (await engineAnswers(at))) {
		const remove = `ids=$(docker ps -aq); [ -z "$ids" ] || docker rm -f $ids >/dev/null
			docker network rm ${info.project}_trading-network guestbook_default >/dev/null 2>&1; true`;
		await exec('sh', ['-c', remove], { env: hostEnv(info), timeout: 60_000 });
	}
	await stopEngine(at);
	await unmountAll(at);
	await releaseOwner(at);
	if (!purge) return;
	await forgetRuns(at);
	rmSync(at.dockerRun, { recursive: true, force: true });
	// The lock is held by the caller, who removes it.
	for (const name of readdirSync(dir)) {
		if (join(dir, name) !== at.lock) rmSync(join(dir, name), { recursive: true, force: true });
	}
}

async function newInfo(at: Layout): Promise<LabInfo> {
	const taken = new Set<number>();
	const port = async () => {
		for (;;) {
			const free = await freePort();
			if (taken.has(free)) continue;
			taken.add(free);
			return free;
		}
	};
	return {
		dir: at.dir,
		sshHost: '127.0.0.1',
		sshPort: await port(),
		jumpPort: await port(),
		user: 'root',
		owner,
		identityFile: join(at.ssh, 'id_ed25519'),
		encryptedIdentityFile: join(at.ssh, 'id_encrypted'),
		passphrase,
		wrongIdentityFile: join(at.ssh, 'id_wrong'),
		knownHosts: join(at.ssh, 'known_hosts'),
		sshConfig: join(at.ssh, 'config'),
		directory: at.directory,
		origin: at.origin,
		project: 'abstractfinance',
		dockerSocket: at.dockerSocket,
		path: hostPath(at),
		ports: {
			health: await port(),
			metrics: await port(),
			grafana: await port(),
			alertmanager: await port(),
			prometheus: await port(),
			loki: await port(),
			database: await port(),
			api: await port(),
			vnc: await port(),
		},
		goodCommit: '',
		badCommit: null,
		goodCommits: [],
		badCommits: [],
		madeFrom: '',
		secrets: 'env',
		deployed: 'branch',
		fault: null,
		goodImages: [],
		goodMonitors: [],
	};
}

/** Below the range that the kernel gives to outgoing connections (ip_local_port_range, 32768 and up), as it is kept for later. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = 20_000 + Math.floor(Math.random() * 10_000);
		const free = await new Promise<boolean>((resolve) => {
			const server = createServer();
			server.once('error', () => resolve(false));
			server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
		});
		if (free) return port;
	}
}
