import type { Engine } from '../docker/engine.ts';
import type { CommandIo, Container } from '../docker/types.ts';
import type { Command } from './command.ts';
import { parseFlags } from './flags.ts';

/** Time that a container takes to end when asked to, ms. */
const stopMs = 250;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs an action for each named container; for unknown ones it prints an error, and the exit code is 1. */
const each = async (
	engine: Engine,
	names: readonly string[],
	io: CommandIo,
	act: (container: Container) => Promise<void> | void,
): Promise<number> => {
	let code = 0;
	await Promise.all(
		names.map(async (name) => {
			const container = engine.find(name);
			if (container === undefined) {
				io.error(`Error response from daemon: No such container: ${name}\n`);
				code = 1;
				return;
			}
			try {
				await act(container);
				io.out(`${name}\n`);
			} catch (error) {
				io.error(`Error response from daemon: ${(error as Error).message}\n`);
				code = 1;
			}
		}),
	);
	return code;
};

/** The commands that change containers. */
export const containerCommands = (engine: Engine): Readonly<Record<string, Command>> => {
	const stop: Command = (args, io) => {
		const { rest } = parseFlags('docker stop', args, { 't time timeout': 'value', 's signal': 'value' });
		return each(engine, rest, io, async (container) => {
			await pause(stopMs);
			await engine.stop(container);
		});
	};
	const start: Command = (args, io) => {
		const { rest } = parseFlags('docker start', args, {});
		return each(engine, rest, io, (container) => engine.start(container, true));
	};
	const restart: Command = (args, io) => {
		const { rest } = parseFlags('docker restart', args, { 't time timeout': 'value', 's signal': 'value' });
		return each(engine, rest, io, async (container) => {
			await pause(stopMs);
			await engine.restart(container);
		});
	};
	const kill: Command = (args, io) => {
		const flags = parseFlags('docker kill', args, { 's signal': 'value' });
		const signal = (flags.value('s') ?? 'KILL').replace(/^SIG/, '');
		if (!['KILL', '9', 'TERM', '15', 'INT', '2'].includes(signal)) {
			throw new Error(`the demo's containers do not know the signal ${signal}`);
		}
		return each(engine, flags.rest, io, (container) =>
			engine.stop(container, ['KILL', '9'].includes(signal) ? '9' : '15'),
		);
	};
	const remove: Command = (args, io) => {
		const flags = parseFlags('docker rm', args, { 'f force': 'flag', 'v volumes': 'flag' });
		return each(engine, flags.rest, io, async (container) => {
			if (container.status === 'running' || container.status === 'restarting') {
				if (!flags.has('f')) {
					throw new Error(
						`cannot remove container "${container.name}": container is running: stop the container before removing or force remove`,
					);
				}
				await engine.stop(container, '9');
			}
			engine.remove(container);
		});
	};
	const rename: Command = async (args) => {
		const [from = '', to = ''] = parseFlags('docker rename', args, {}).rest;
		const container = engine.find(from);
		if (container === undefined) {
			throw new Error(`No such container: ${from}`);
		}
		const taken = engine.find(to);
		if (taken !== undefined && taken !== container) {
			throw new Error(
				`Error when allocating new name: Conflict. The container name "/${to}" is already in use by container "${taken.id}".`,
			);
		}
		container.name = to;
		return 0;
	};
	const update: Command = (args, io) => {
		const flags = parseFlags('docker update', args, { restart: 'value' });
		return each(engine, flags.rest, io, (container) => {
			container.restartPolicy = flags.value('restart') ?? container.restartPolicy;
		});
	};
	return {
		stop,
		start,
		restart,
		kill,
		rm: remove,
		rename,
		update,
		'container rename': rename,
		'container stop': stop,
		'container start': start,
		'container restart': restart,
		'container rm': remove,
	};
};
