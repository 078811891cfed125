import { type Parsed, parseFlags } from '../command/flags.ts';
import { composeRow, showLog } from '../command/reading.ts';
import { environmentOf, runCommands } from '../command/run.ts';
import { listText } from '../command/table.ts';
import type { Engine } from '../docker/engine.ts';
import { type Container, labels } from '../docker/types.ts';
import { type Asked, chosen, pause, type Subcommand } from './asked.ts';
import { createContainer } from './create.ts';
import { buildServices } from './images.ts';
import { imageNameOf } from './project.ts';
import { containersOf, inOrder, untilWell, upService } from './up.ts';

const stopMs = 250;

const scalesOf = (given: readonly string[]): ReadonlyMap<string, number> =>
	new Map(given.map((one) => [one.split('=')[0] ?? '', Number(one.split('=')[1])]));

const upFlags = {
	'd detach': 'flag',
	'no-deps': 'flag',
	'no-build': 'flag',
	build: 'flag',
	'force-recreate': 'flag',
	'no-recreate': 'flag',
	'no-start': 'flag',
	pull: 'value',
	'quiet-pull': 'flag',
	wait: 'flag',
	'wait-timeout': 'value',
	'remove-orphans': 'flag',
	't timeout': 'value',
	'y yes': 'flag',
	scale: 'list',
	'V renew-anon-volumes': 'flag',
} as const;

const removeOrphans = async ({ engine, project, io }: Asked) => {
	const orphans = engine
		.containers()
		.filter(
			(container) =>
				container.labels[labels.project] === project.name &&
				container.labels[labels.oneOff] === 'False' &&
				!project.all.some(({ name }) => name === container.labels[labels.service]),
		);
	for (const container of orphans) {
		await engine.stop(container);
		engine.remove(container);
		io.error(` Container ${container.name}  Removed\n`);
	}
};

const bringUp = async (asked: Asked, flags: Parsed, starts: boolean): Promise<number> => {
	const { engine, project, io, dry } = asked;
	const services = inOrder(project, flags.rest, !flags.has('no-deps'));
	const missing = services.filter(
		(service) => flags.has('build') || engine.images.find(imageNameOf(project, service)) === undefined,
	);
	if (!flags.has('no-build') && !dry) {
		await buildServices(asked, missing, false);
	}
	if (flags.has('remove-orphans') && !dry) {
		await removeOrphans(asked);
	}
	const scales = scalesOf(flags.list('scale'));
	for (const service of services) {
		const named = flags.rest.length === 0 || flags.rest.includes(service.name);
		await upService(engine, project, service, {
			force: flags.has('force-recreate') && named,
			keep: flags.has('no-recreate'),
			start: starts,
			dry,
			waits: !flags.has('no-deps'),
			stopMs,
			...(scales.has(service.name) && { replicas: scales.get(service.name) }),
			say: (line) => io.error(`${dry ? ' DRY-RUN MODE - ' : ''}${line}\n`),
		});
	}
	if (flags.has('wait') && starts && !dry) {
		for (const { name } of services) {
			for (const container of containersOf(engine, project.name, name)) {
				await untilWell(container);
				io.error(` Container ${container.name}  Healthy\n`);
			}
		}
	}
	return 0;
};

const up: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose up', asked.args, upFlags);
	if (!flags.has('d') && !flags.has('no-start') && !flags.has('wait')) {
		throw new Error('docker compose up: the demo simulates it with -d only');
	}
	return bringUp(asked, flags, !flags.has('no-start'));
};

const create: Subcommand = (asked) =>
	bringUp(asked, parseFlags('docker compose create', asked.args, { ...upFlags, 'no-deps': 'flag' }), false);

const eachOf =
	(name: string, done: string, act: (engine: Engine, container: Container) => Promise<void>): Subcommand =>
	async (asked) => {
		const flags = parseFlags(`docker compose ${name}`, asked.args, {
			't timeout': 'value',
			'no-deps': 'flag',
			's signal': 'value',
		});
		await Promise.all(
			chosen(asked, flags).map(async (container) => {
				await pause(stopMs);
				await act(asked.engine, container);
				asked.io.error(` Container ${container.name}  ${done}\n`);
			}),
		);
		return 0;
	};

const stop = eachOf('stop', 'Stopped', (engine, container) => engine.stop(container));

const down: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose down', asked.args, { 't timeout': 'value', 'remove-orphans': 'flag' });
	await stop({ ...asked, args: flags.rest });
	for (const container of chosen(asked, flags)) {
		asked.engine.remove(container);
		asked.io.error(` Container ${container.name}  Removed\n`);
	}
	if (flags.has('remove-orphans')) {
		await removeOrphans(asked);
	}
	return 0;
};

const remove: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose rm', asked.args, {
		'f force': 'flag',
		's stop': 'flag',
		'v volumes': 'flag',
	});
	if (flags.has('s')) {
		await stop({ ...asked, args: flags.rest });
	}
	for (const container of chosen(asked, flags).filter(
		({ status }) => status !== 'running' && status !== 'restarting',
	)) {
		asked.engine.remove(container);
		asked.io.error(` Container ${container.name}  Removed\n`);
	}
	return 0;
};

const ps: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose ps', asked.args, {
		'a all': 'flag',
		'q quiet': 'flag',
		services: 'flag',
		'no-trunc': 'flag',
		format: 'value',
		status: 'list',
		orphans: 'flag',
	});
	const statuses = flags.list('status');
	const found = chosen(asked, flags).filter(({ status }) =>
		statuses.length > 0 ? statuses.includes(status) : flags.has('a') || status === 'running' || status === 'restarting',
	);
	const rows = found.map((container) => composeRow(container, flags.has('no-trunc')));
	if (flags.has('q')) {
		asked.io.out(found.map(({ id }) => `${id}\n`).join(''));
	} else if (flags.has('services')) {
		asked.io.out([...new Set(rows.map(({ Service }) => `${Service}\n`))].join(''));
	} else if (flags.value('format') === 'json') {
		asked.io.out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
	} else {
		const format = flags.value('format');
		asked.io.out(
			listText(
				format === 'table' ? undefined : format,
				'{{.Name}}\t{{.Image}}\t{{.Service}}\t{{.Status}}\t{{.Ports}}',
				rows,
			),
		);
	}
	return 0;
};

const logs: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose logs', asked.args, {
		'f follow': 'flag',
		't timestamps': 'flag',
		'n tail': 'value',
		'no-log-prefix': 'flag',
		'no-color': 'flag',
	});
	await Promise.all(
		chosen(asked, flags).map((container) =>
			showLog(container, asked.io, {
				follow: flags.has('f'),
				timestamps: flags.has('t'),
				tail: flags.value('n'),
				prefix: flags.has('no-log-prefix') ? '' : `${container.name}  | `,
			}),
		),
	);
	return 0;
};

/** Like `docker exec`, with the service's name instead of the container's. */
const exec: Subcommand = async ({ engine, project, args, io, deployment }) => {
	const names = new Set(project.all.map(({ name }) => name));
	const at = args.findIndex((arg) => names.has(arg));
	const [container] = containersOf(engine, project.name, args[at] ?? '');
	if (container === undefined || container.status !== 'running') {
		throw new Error(`service ${JSON.stringify(args[at] ?? args[0] ?? '')} is not running`);
	}
	const options = args.slice(0, at);
	// Compose keeps standard input open unless told otherwise.
	const given = [...options, '-i', container.id, ...args.slice(at + 1)];
	const { exec: dockerExec } = runCommands(engine, deployment);
	return dockerExec === undefined ? 127 : dockerExec(given, io);
};

/** `docker compose run`: one command in a container of its own. */
const run: Subcommand = async ({ engine, project, args, io, deployment }) => {
	const flags = parseFlags(
		'docker compose run',
		args,
		{
			rm: 'flag',
			'T no-TTY': 'flag',
			'i interactive': 'flag',
			'no-deps': 'flag',
			name: 'value',
			entrypoint: 'value',
			'e env': 'list',
			'q quiet': 'flag',
		},
		{ first: true },
	);
	const [name = '', ...command] = flags.rest;
	const [service] = inOrder(project, [name], false);
	if (service === undefined) {
		throw new Error(`no such service: ${name}`);
	}
	const entrypoint = flags.value('entrypoint');
	const container = createContainer(engine, project, service, {
		once: {
			name: flags.value('name') ?? `${project.name}-${name}-run-${engine.containers().length}`,
			command: entrypoint === undefined ? command : [entrypoint, ...command],
			env: environmentOf(flags.list('e'), io),
		},
	});
	try {
		return await deployment.runOnce(container, io);
	} finally {
		engine.remove(container);
	}
};

/** The subcommands of `docker compose` about containers. */
export const containerSubcommands: Readonly<Record<string, Subcommand>> = {
	up,
	create,
	stop,
	start: eachOf('start', 'Started', (engine, container) => engine.start(container, true)),
	restart: eachOf('restart', 'Restarted', (engine, container) => engine.restart(container)),
	kill: eachOf('kill', 'Killed', (engine, container) => engine.stop(container, '9')),
	rm: remove,
	down,
	ps,
	logs,
	exec,
	run,
};
