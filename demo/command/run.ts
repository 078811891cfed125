import type { Deployment } from '../deployment/deployment.ts';
import type { Engine } from '../docker/engine.ts';
import type { CommandIo } from '../docker/types.ts';
import type { Command } from './command.ts';
import { parseFlags } from './flags.ts';

/** Parses `-e NAME=VALUE`, and `-e NAME` with the caller's value. */
export const environmentOf = (given: readonly string[], io: CommandIo): Record<string, string> =>
	Object.fromEntries(
		given.map((one) => {
			const at = one.indexOf('=');
			return at < 0 ? [one, io.env[one] ?? ''] : [one.slice(0, at), one.slice(at + 1)];
		}),
	);

const createFlags = {
	rm: 'flag',
	'i interactive': 'flag',
	'a attach': 'list',
	name: 'value',
	network: 'value',
	pull: 'value',
	entrypoint: 'value',
	restart: 'value',
	'l label': 'list',
	'e env': 'list',
	'u user': 'value',
	'w workdir': 'value',
	'log-driver': 'value',
	'read-only': 'flag',
	tmpfs: 'list',
	'v volume': 'list',
	mount: 'list',
} as const;

/** `docker exec`, `docker run` and `docker create`. */
export const runCommands = (engine: Engine, deployment: Deployment): Readonly<Record<string, Command>> => {
	const exec: Command = async (args, io) => {
		const flags = parseFlags(
			'docker exec',
			args,
			{
				'i interactive': 'flag',
				't tty': 'flag',
				'T no-tty': 'flag',
				'e env': 'list',
				'u user': 'value',
				'w workdir': 'value',
			},
			{ first: true },
		);
		const [name = '', ...command] = flags.rest;
		const container = engine.find(name);
		if (container === undefined) {
			throw new Error(`No such container: ${name}`);
		}
		if (container.status !== 'running') {
			throw new Error(`container ${container.id} is not running`);
		}
		const running = container.program?.exec?.(command, {
			...io,
			env: { ...container.env, ...environmentOf(flags.list('e'), io) },
			...(!flags.has('i') && { input: async () => '' }),
		});
		if (running === undefined) {
			io.error(`the demo's container ${container.name} has no program for: ${command.join(' ')}\n`);
			return 127;
		}
		return running;
	};
	/** Creates the container of `docker run` and `docker create`; undefined when its image is missing, which is printed. */
	const make = (name: string, args: readonly string[], io: CommandIo) => {
		const flags = parseFlags(name, args, createFlags, { first: true });
		const [reference = '', ...command] = flags.rest;
		const image = engine.images.find(reference);
		if (image === undefined) {
			io.error(`docker: Error response from daemon: No such image: ${reference}\n`);
			return undefined;
		}
		const taken = engine.find(flags.value('name') ?? '');
		if (taken !== undefined) {
			throw new Error(
				`Conflict. The container name "/${taken.name}" is already in use by container "${taken.id}". You have to remove (or rename) that container to be able to reuse that name.`,
			);
		}
		const entrypoint = flags.value('entrypoint');
		return engine.create({
			name: flags.value('name') ?? `demo-${engine.containers().length}`,
			image,
			imageName: reference,
			labels: { ...image.labels, ...environmentOf(flags.list('l'), io) },
			env: environmentOf(flags.list('e'), io),
			command: entrypoint === undefined ? command : [entrypoint, ...command].filter((one) => one !== ''),
			restartPolicy: flags.value('restart') ?? 'no',
			mounts: [],
			ports: [],
			network: flags.value('network') ?? 'bridge',
		});
	};
	const run: Command = async (args, io) => {
		const container = make('docker run', args, io);
		if (container === undefined) {
			return 125;
		}
		try {
			return await deployment.runOnce(container, io);
		} finally {
			engine.remove(container);
		}
	};
	const create: Command = async (args, io) => {
		const container = make('docker create', args, io);
		if (container !== undefined) {
			io.out(`${container.id}\n`);
		}
		return container === undefined ? 1 : 0;
	};
	return { exec, run, create, 'container exec': exec, 'container run': run, 'container create': create };
};
