import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { importImages } from './base-image.ts';
import {
	buildGoodImages,
	onHost,
	restoreUntracked,
	seedDatabase,
	waitForDatabase,
	writeEnvironment,
} from './deployment.ts';
import { chooseClient, engineAnswers, hostPath, startEngine, stopEngine, unmountAll } from './docker-engine.ts';
import { exec } from './exec.ts';
import { bringUpGuestbook } from './guestbook.ts';
import { heal } from './heal.ts';
import { makeRepositories } from './history.ts';
import { hostEnv, type Layout, layout, loadInfo, saveInfo } from './layout.ts';
import { passphrase, stopSsh, writeSshFiles } from './ssh-servers.ts';
import type { LabInfo } from './types.ts';

/** Brings the lab up in its good state, making what is not there yet. Does nothing much when it is up and well. */
export async function bringUp(dir: string, say: (line: string) => void): Promise<LabInfo> {
	const at = layout(dir);
	for (const folder of [at.cache, at.logs]) mkdirSync(folder, { recursive: true });
	const saved = loadInfo(dir);
	const info = saved ?? (await newInfo(at));
	await chooseClient(at);
	await writeSshFiles(at, info);
	say('starting the Docker engine');
	await startEngine(at);
	const env = hostEnv(info);
	await importImages(at, env, say);
	// Saved only when all of it has been made: before that, it is made anew.
	if (!saved || !existsSync(at.directory)) {
		say('making the repository and the deployment');
		await exec('docker', ['volume', 'rm', '-f', `${info.project}_postgres`, `${info.project}_ibgateway`], { env });
		rmSync(at.seedDump, { force: true });
		info.goodCommits = await makeRepositories(at, info);
		info.goodCommit = info.goodCommits.at(-1)?.hash ?? '';
		writeEnvironment(at, info);
		restoreUntracked(at);
		info.goodImages = await buildGoodImages(info);
		await onHost(info, 'docker', 'compose', 'up', '-d', '--no-build', 'postgres', 'ibgateway');
		await waitForDatabase(info);
		await seedDatabase(at, info);
		saveInfo(info);
	}
	say('bringing the deployment to its good state');
	await heal(at, info);
	const guestbook = ['ps', '-q', '--filter', 'label=com.docker.compose.project=guestbook'];
	if ((await exec('docker', guestbook, { env })).stdout.trim() === '') await bringUpGuestbook(at, info, freePort);
	return info;
}

/** Ends the lab's containers, servers and mounts. Keeps the folder, unless `purge` is set. */
export async function takeDown(dir: string, purge: boolean): Promise<void> {
	const at = layout(dir);
	const info = loadInfo(dir);
	await stopSsh(at);
	if (info && (await engineAnswers(at))) {
		const remove = `ids=$(docker ps -aq); [ -z "$ids" ] || docker rm -f $ids >/dev/null
			docker network rm ${info.project}_default guestbook_default >/dev/null 2>&1; true`;
		await exec('sh', ['-c', remove], { env: hostEnv(info), timeout: 60_000 });
	}
	await stopEngine(at);
	await unmountAll(at);
	if (!purge) return;
	rmSync(at.dockerRun, { recursive: true, force: true });
	// The lock is held by the caller, who removes it.
	for (const name of readdirSync(dir)) {
		if (join(dir, name) !== at.lock) rmSync(join(dir, name), { recursive: true, force: true });
	}
}

async function newInfo(at: Layout): Promise<LabInfo> {
	const ports: number[] = [];
	while (ports.length < 7) {
		const port = await freePort();
		if (!ports.includes(port)) ports.push(port);
	}
	const [sshPort, jumpPort, health, metrics, grafana, alertmanager, novnc] = ports as [
		number,
		number,
		number,
		number,
		number,
		number,
		number,
	];
	return {
		dir: at.dir,
		sshHost: '127.0.0.1',
		sshPort,
		jumpPort,
		user: 'root',
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
		ports: { health, metrics, grafana, alertmanager, novnc },
		goodCommit: '',
		badCommit: null,
		goodCommits: [],
		badCommits: [],
		fault: null,
		goodImages: [],
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
