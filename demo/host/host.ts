import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { loadSsh2 } from '../../src/services/ssh/ssh2.ts';
import { dockerCommand } from '../command/docker.ts';
import { listenForCommands } from '../command/server.ts';
import { bringUp } from '../deployment/bring-up.ts';
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

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Returns the environment of the demo host's sessions: the machine's, without the user's own settings. */
const sessionEnvironment = (folder: string, dockerSocket: string): Record<string, string> => {
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
		[markName]: folder,
	};
};

/** Starts the demo host in a folder: its files, its Docker, its SSH server, and the deployment as the incident leaves it. */
export const startDemoHost = async (options: DemoHostOptions): Promise<DemoHost> => {
	const { folder, incident, dockerProgram } = options;
	const at = (name: string) => join(folder, name);
	await Promise.all(['bin', 'home', 'tmp', 'srv', 'sessions'].map((name) => mkdir(at(name), { mode: 0o700 })));
	const dockerSocket = at('docker.sock');
	const commandSocket = at('cli.sock');
	const env = sessionEnvironment(folder, dockerSocket);
	const { utils } = await loadSsh2();
	const hostKey = makeKeyPair(utils);
	const clientKey = makeKeyPair(utils);
	const user = userInfo().username;

	const world = createWorld(folder);
	const deployment = createDeployment(world);
	const engine = createEngine({ programOf: (container) => deployment.programOf(container), root: folder });
	const [health = 0, metrics = 0, grafana = 0, alertmanager = 0] = await freePorts(4);
	const ports = { health, metrics, grafana, alertmanager };
	const perl = onPath('perl', process.env.PATH ?? '');
	const program = (perl === undefined ? dockerProgram : [perl, at('docker.pl')]).map(quote).join(' ');
	const directory = at('srv/abstractfinance');
	const [api, commands, ssh] = await Promise.all([
		listenApi(engine, dockerSocket),
		listenForCommands(commandSocket, dockerCommand(engine, deployment, dockerSocket)),
		startSshServer({ hostKey: hostKey.private, clientKey: clientKey.public, user, env, home: at('home') }),
		writeFile(at('bin/docker'), `#!/bin/sh\nexec ${program} ${quote(commandSocket)} "$PWD" "$@"\n`, { mode: 0o755 }),
		writeShims(at('bin'), { sessions: at('sessions'), path: process.env.PATH ?? '', all: options.allShims }),
		writeFile(at('docker.pl'), perlClient),
		writeFile(at('id'), clientKey.private, { mode: 0o600 }),
		writeFile(at('ssh_config'), sshConfigText),
		writeFile(at('demo.yaml'), runbookText),
		bringUp(engine, world, incident, { directory, origin: at('srv/origin.git'), env, ports }),
	]);
	// Whatever the umask of this process is.
	await chmod(at('bin/docker'), 0o755);
	await writeFile(at('known_hosts'), `[127.0.0.1]:${ssh.port} ${hostKey.public.trim()}\n`);
	const config = at('backout.yaml');
	await writeFile(
		config,
		configText({
			user,
			port: ssh.port,
			directory,
			state: at('state'),
			identityFile: at('id'),
			knownHosts: at('known_hosts'),
			sshConfig: at('ssh_config'),
			ports,
		}),
	);
	return {
		config,
		close: async () => {
			ssh.close();
			api.close();
			api.closeAllConnections();
			commands.close();
			endSessions(folder);
			await engine.close();
		},
	};
};
