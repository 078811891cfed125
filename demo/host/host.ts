import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { loadSsh2 } from '../../src/services/ssh/ssh2.ts';
import { dockerCommand } from '../command/docker.ts';
import { listenForCommands } from '../command/server.ts';
import { bringUp, type Places } from '../deployment/bring-up.ts';
import { createDeployment } from '../deployment/deployment.ts';
import type { Incident } from '../deployment/incidents.ts';
import { listenApi } from '../docker/api.ts';
import { createEngine } from '../docker/engine.ts';
import { createWorld } from '../programs/world.ts';
import { configText, runbookText, sshConfigText } from './config.ts';
import { makeKeyPair } from './key-pair.ts';
import { perlClient } from './perl-client.ts';
import { freePorts } from './ports.ts';
import { endSessions, markName } from './sessions.ts';
import { onPath, writeShims } from './shims.ts';
import { startSshServer } from './ssh-server.ts';
import { startWhenNeeded } from './start-when-needed.ts';

export interface DemoHost {
	/** The config that reaches it. */
	readonly config: string;
	/** Ends everything; the caller removes the folder. */
	close(): Promise<void>;
}

export interface DemoHostOptions {
	readonly folder: string;
	readonly incident: Incident;
	/** The words that start the `docker` command's program without Perl, before its arguments. */
	readonly dockerProgram: readonly string[];
	/** True: writes all shims, also those that the machine does not need. */
	readonly allShims?: boolean;
}

/** The parts that the hosts of one demo share. */
interface Shared extends DemoHostOptions {
	/** The demo's folder: every process carries it as its mark. */
	readonly mark: string;
	readonly hostKey: string;
	/** The accepted key, as a line of authorized_keys. */
	readonly clientKey: string;
	readonly user: string;
	readonly ports: Places['ports'];
	/** The time at which the deployment is as it is, ms since the epoch. */
	readonly now: number;
}

interface RunningHost {
	/** The port of its SSH server. */
	readonly port: number;
	close(): Promise<void>;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Returns the environment of a demo host's sessions: the machine's, without the user's own settings. */
const sessionEnvironment = (folder: string, mark: string, dockerSocket: string): Record<string, string> => {
	const kept = Object.entries(process.env).filter(
		([name, value]) => value !== undefined && !/^(GIT_|DOCKER_|COMPOSE_|SSH_|NODE_|BASH_ENV$|ENV$)/.test(name),
	) as [string, string][];
	return {
		...Object.fromEntries(kept),
		PATH: `${join(folder, 'bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
		HOME: join(folder, 'home'),
		TMPDIR: join(folder, 'tmp'),
		DOCKER_HOST: `unix://${dockerSocket}`,
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_TERMINAL_PROMPT: '0',
		[markName]: mark,
	};
};

/** Starts a host in a folder: its files, its Docker, its SSH server, and the deployment as the incident leaves it. */
const startHost = async (options: Shared): Promise<RunningHost> => {
	const { folder, incident, dockerProgram, mark, ports, now } = options;
	const at = (name: string) => join(folder, name);
	await Promise.all(['bin', 'home', 'tmp', 'srv'].map((name) => mkdir(at(name), { mode: 0o700 })));
	const dockerSocket = at('docker.sock');
	const commandSocket = at('cli.sock');
	const env = sessionEnvironment(folder, mark, dockerSocket);
	const world = createWorld(folder);
	const deployment = createDeployment(world);
	const engine = createEngine({ programOf: (container) => deployment.programOf(container), root: folder });
	const perl = onPath('perl', process.env.PATH ?? '');
	const program = (perl === undefined ? dockerProgram : [perl, at('docker.pl')]).map(quote).join(' ');
	const { hostKey, clientKey, user } = options;
	const [api, commands, ssh] = await Promise.all([
		listenApi(engine, dockerSocket),
		listenForCommands(commandSocket, dockerCommand(engine, deployment, dockerSocket)),
		startSshServer({ hostKey, clientKey, user, env, home: at('home') }),
		writeFile(at('bin/docker'), `#!/bin/sh\nexec ${program} ${quote(commandSocket)} "$PWD" "$@"\n`, { mode: 0o755 }),
		writeShims(at('bin'), {
			sessions: join(mark, 'sessions'),
			path: process.env.PATH ?? '',
			all: options.allShims,
		}),
		writeFile(at('docker.pl'), perlClient),
		bringUp(engine, world, incident, { directory: directoryOf(folder), origin: at('srv/origin.git'), env, ports, now }),
	]);
	// Whatever the umask of this process is.
	await chmod(at('bin/docker'), 0o755);
	return {
		port: ssh.port,
		close: async () => {
			ssh.close();
			api.close();
			api.closeAllConnections();
			commands.close();
			await engine.close();
		},
	};
};

const directoryOf = (folder: string): string => join(folder, 'srv', 'abstractfinance');

/** A deployment without a fault, to compare with: the newest good commit. */
const well: Incident = { title: 'nothing has happened', procedure: 'verify', bad: [] };

const somePorts = async (): Promise<Places['ports']> => {
	const [health = 0, metrics = 0, grafana = 0, alertmanager = 0] = await freePorts(4);
	return { health, metrics, grafana, alertmanager };
};

/**
 * Starts the demo in a folder: the host with the incident, and one beside it, called staging, where all is well. That one starts when
 * it is connected to.
 */
export const startDemoHost = async (options: DemoHostOptions): Promise<DemoHost> => {
	const { folder } = options;
	const at = (name: string) => join(folder, name);
	await mkdir(at('sessions'), { mode: 0o700 });
	const { utils } = await loadSsh2();
	const hostKey = makeKeyPair(utils);
	const clientKey = makeKeyPair(utils);
	const user = userInfo().username;
	const [ports, stagingPorts] = await Promise.all([somePorts(), somePorts()]);
	const keys = { hostKey: hostKey.private, clientKey: clientKey.public, user };
	const shared = { ...options, ...keys, mark: folder, now: Date.now() };
	const [main, staging] = await Promise.all([
		startHost({ ...shared, ports }),
		startWhenNeeded(async () => {
			await mkdir(at('staging'), { mode: 0o700 });
			return startHost({ ...shared, folder: at('staging'), incident: well, ports: stagingPorts });
		}),
		writeFile(at('id'), clientKey.private, { mode: 0o600 }),
		writeFile(at('ssh_config'), sshConfigText),
		writeFile(at('demo.yaml'), runbookText),
	]);
	const hosts = [main, staging].map(({ port }) => `[127.0.0.1]:${port} ${hostKey.public.trim()}\n`);
	await writeFile(at('known_hosts'), hosts.join(''));
	const config = at('backout.yaml');
	const access = { user, identityFile: at('id'), knownHosts: at('known_hosts'), sshConfig: at('ssh_config') };
	await writeFile(
		config,
		configText({
			demo: { ...access, port: main.port, directory: directoryOf(folder), state: at('state'), ports },
			staging: {
				...access,
				port: staging.port,
				directory: directoryOf(at('staging')),
				state: at('staging/state'),
				ports: stagingPorts,
			},
		}),
	);
	return {
		config,
		close: async () => {
			await Promise.all([main.close(), staging.close()]);
			endSessions(folder);
		},
	};
};
