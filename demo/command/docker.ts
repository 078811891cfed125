import { connect } from 'node:net';
import { compose } from '../compose/compose.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { serverVersion } from '../docker/api.ts';
import type { Engine } from '../docker/engine.ts';
import { formatGo } from '../docker/go-template.ts';
import type { Command } from './command.ts';
import { containerCommands } from './containers.ts';
import { parseFlags } from './flags.ts';
import { imageCommands } from './images.ts';
import { networkCommands } from './networks.ts';
import { readingCommands } from './reading.ts';
import { runCommands } from './run.ts';

const version = (): Command => async (args, io) => {
	const format = parseFlags('docker version', args, { 'format f': 'value' }).value('format');
	const data = { Client: { Version: serverVersion }, Server: { Version: serverVersion } };
	io.out(
		`${format === undefined ? `Client:\n Version: ${serverVersion}\n\nServer:\n Version: ${serverVersion}` : formatGo(format, data)}\n`,
	);
	return 0;
};

const info =
	(engine: Engine): Command =>
	async (args, io) => {
		const format = parseFlags('docker info', args, { 'format f': 'value' }).value('format');
		const data = { ServerVersion: serverVersion, DockerRootDir: engine.root };
		io.out(
			`${format === undefined ? `Server Version: ${serverVersion}\nDocker Root Dir: ${engine.root}` : formatGo(format, data)}\n`,
		);
		return 0;
	};

/** `docker system dial-stdio`: the API over standard input and output. */
const dialStdio =
	(socketPath: string): Command =>
	(_args, io) =>
		new Promise((resolve) => {
			const socket = connect(socketPath);
			const pipe = io.pipe();
			pipe.on('error', () => {});
			pipe.pipe(socket).pipe(pipe);
			socket.on('error', () => resolve(1));
			socket.on('close', () => resolve(0));
			io.signal.addEventListener('abort', () => socket.destroy(), { once: true });
		});

const context =
	(socketPath: string): Command =>
	async (args, io) => {
		const { value, rest } = parseFlags('docker context', args, { 'format f': 'value' });
		if (rest[0] !== 'inspect') {
			throw new Error(`the demo's Docker does not simulate: docker context ${rest[0] ?? ''}`);
		}
		const data = { Name: 'default', Endpoints: { docker: { Host: `unix://${socketPath}` } } };
		const format = value('format');
		io.out(`${format === undefined ? JSON.stringify([data], null, 4) : formatGo(format, data)}\n`);
		return 0;
	};

const help = `The demo's Docker simulates: version, info, ps, inspect, logs, events, stats, start, stop, restart, kill, rm, rename,
update, exec, run, create, tag, images, image (ls, inspect, rm), rmi, network (create, connect, disconnect, inspect, ls, rm),
compose, context inspect, system dial-stdio.
`;

/** The `docker` command of the demo host. For anything that it does not simulate it prints an error, and exits with 125. */
export const dockerCommand = (engine: Engine, deployment: Deployment, socketPath: string): Command => {
	const commands: Readonly<Record<string, Command>> = {
		version: version(),
		info: info(engine),
		context: context(socketPath),
		'system dial-stdio': dialStdio(socketPath),
		...containerCommands(engine),
		...imageCommands(engine),
		...networkCommands(engine),
		...readingCommands(engine),
		...runCommands(engine, deployment),
		compose: compose(engine, deployment),
	};
	return async (args, io) => {
		const [first = '', second = ''] = args;
		if (first === '' || first === 'help' || first === '--help') {
			io.out(help);
			return 0;
		}
		if (first === '--version' || first === '-v') {
			io.out(`Docker version ${serverVersion}\n`);
			return 0;
		}
		const two = commands[`${first} ${second}`];
		const command = two ?? commands[first];
		if (command === undefined) {
			io.error(
				`docker: the demo does not simulate 'docker ${first === 'network' ? `${first} ${second}` : first}'.\n${help}`,
			);
			return 125;
		}
		try {
			return await command(args.slice(two === undefined ? 1 : 2), io);
		} catch (error) {
			io.error(`Error response from daemon: ${(error as Error).message}\n`);
			return 1;
		}
	};
};
