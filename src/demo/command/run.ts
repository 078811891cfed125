import type { Deployment } from '../deployment/deployment.ts';
import type { Engine } from '../docker/engine.ts';
import { type CommandIo, labels } from '../docker/types.ts';
import type { Command } from './command.ts';
import { parseFlags } from './flags.ts';

/** `-e NAME=VALUE`, and `-e NAME` as it is here. */
export const environmentOf = (given: readonly string[], io: CommandIo): Record<string, string> =>
	Object.fromEntries(
		given.map((one) => {
			const at = one.indexOf('=');
			return at < 0 ? [one, io.env[one] ?? ''] : [one.slice(0, at), one.slice(at + 1)];
		}),
	);

/** `docker exec` and `docker run`. */
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
	const run: Command = async (args, io) => {
		const flags = parseFlags(
			'docker run',
			args,
			{
				rm: 'flag',
				'i interactive': 'flag',
				name: 'value',
				network: 'value',
				pull: 'value',
				entrypoint: 'value',
				'l label': 'list',
				'e env': 'list',
			},
			{ first: true },
		);
		const [reference = '', ...command] = flags.rest;
		const image = engine.images.find(reference);
		if (image === undefined) {
			io.error(`docker: Error response from daemon: No such image: ${reference}\n`);
			return 125;
		}
		const entrypoint = flags.value('entrypoint');
		const container = engine.create({
			name: flags.value('name') ?? `demo-${engine.containers().length}`,
			image,
			imageName: reference,
			labels: { ...image.labels, [labels.oneOff]: 'True', ...environmentOf(flags.list('l'), io) },
			env: environmentOf(flags.list('e'), io),
			command: entrypoint === undefined ? command : [entrypoint, ...command],
			restartPolicy: 'no',
			mounts: [],
			ports: [],
			network: flags.value('network') ?? 'bridge',
		});
		try {
			return await deployment.runOnce(container, io);
		} finally {
			engine.remove(container);
		}
	};
	return { exec, run, 'container exec': exec };
};
