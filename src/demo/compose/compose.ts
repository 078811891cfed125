import type { Command } from '../command/command.ts';
import { type Parsed, parseFlags } from '../command/flags.ts';
import { showLog } from '../command/reading.ts';
import { runCommands } from '../command/run.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Engine } from '../docker/engine.ts';
import { statusWords } from '../docker/inspect.ts';
import { type CommandIo, type Container, labels } from '../docker/types.ts';
import { buildImage, folderContext } from './build.ts';
import { configText, imageNameOf, loadProject, type Project, type Service } from './compose-file.ts';
import { containerOf, inOrder, upService } from './up.ts';

const stopMs = 250;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Asked {
	readonly engine: Engine;
	readonly project: Project;
	readonly args: readonly string[];
	readonly io: CommandIo;
	readonly deployment: Deployment;
}

type Subcommand = (asked: Asked) => Promise<number>;

const config: Subcommand = async ({ project, args, io }) => {
	const flags = parseFlags('docker compose config', args, {
		'q quiet': 'flag',
		services: 'flag',
		images: 'flag',
	});
	if (flags.has('services')) {
		io.out(project.services.map(({ name }) => `${name}\n`).join(''));
	} else if (flags.has('images')) {
		io.out([...new Set(project.services.map((service) => `${imageNameOf(project, service)}\n`))].join(''));
	} else if (!flags.has('q')) {
		io.out(configText(project));
	}
	return 0;
};

const buildServices = async ({ engine, project, io }: Asked, services: readonly Service[], quiet: boolean) => {
	for (const service of services) {
		if (service.build !== undefined) {
			const names = { project: project.name, service: service.name, name: imageNameOf(project, service) };
			const say = (line: string) => quiet || io.error(`#${service.name} ${line}\n`);
			buildImage(engine.images, folderContext(service.build), names, { say });
			// A build is no matter of an instant.
			await pause(400);
		}
	}
};

const build: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose build', asked.args, { 'q quiet': 'flag', 'no-cache': 'flag', pull: 'flag' });
	await buildServices(asked, inOrder(asked.project, flags.rest, false), flags.has('q'));
	return 0;
};

const up: Subcommand = async (asked) => {
	const { engine, project, args, io } = asked;
	const flags = parseFlags('docker compose up', args, {
		'd detach': 'flag',
		'no-deps': 'flag',
		'no-build': 'flag',
		build: 'flag',
		'force-recreate': 'flag',
		'no-start': 'flag',
		scale: 'value',
		pull: 'value',
		wait: 'flag',
		'remove-orphans': 'flag',
	});
	if (!flags.has('d') && !flags.has('no-start') && !flags.has('wait')) {
		throw new Error('docker compose up: the demo plays it with -d only');
	}
	const services = inOrder(project, flags.rest, !flags.has('no-deps'));
	const missing = services.filter(
		(service) => flags.has('build') || engine.images.find(imageNameOf(project, service)) === undefined,
	);
	if (!flags.has('no-build')) {
		await buildServices(asked, missing, false);
	}
	for (const service of services) {
		const named = flags.rest.length === 0 || flags.rest.includes(service.name);
		await upService(engine, project, service, {
			force: flags.has('force-recreate') && named,
			start: !flags.has('no-start'),
			stopMs,
			say: (line) => io.error(`${line}\n`),
		});
	}
	return 0;
};

/** The containers of the named services, or of all. */
const chosen = ({ engine, project }: Asked, flags: Parsed): readonly Container[] =>
	inOrder(project, flags.rest, false)
		.map(({ name }) => containerOf(engine, project.name, name))
		.filter((container) => container !== undefined);

const eachOf =
	(name: string, done: string, act: (engine: Engine, container: Container) => Promise<void>): Subcommand =>
	async (asked) => {
		const flags = parseFlags(`docker compose ${name}`, asked.args, { 't timeout': 'value', 'no-deps': 'flag' });
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
	return 0;
};

const ps: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose ps', asked.args, { 'a all': 'flag', 'q quiet': 'flag', services: 'flag' });
	const found = chosen(asked, flags).filter(
		({ status }) => flags.has('a') || status === 'running' || status === 'restarting',
	);
	const line = (container: Container) =>
		flags.has('q')
			? container.id
			: flags.has('services')
				? (container.labels[labels.service] ?? '')
				: `${container.name.padEnd(36)}${(container.labels[labels.service] ?? '').padEnd(18)}${statusWords(container)}`;
	asked.io.out(found.map((container) => `${line(container)}\n`).join(''));
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

const images: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose images', asked.args, { 'q quiet': 'flag' });
	asked.io.out(
		chosen(asked, flags)
			.map(({ image }) => `${image.id}\n`)
			.join(''),
	);
	return 0;
};

/** Like `docker exec`, with the service's name in the place of the container's. */
const exec: Subcommand = async ({ engine, project, args, io, deployment }) => {
	const names = new Set(project.services.map(({ name }) => name));
	const at = args.findIndex((arg) => names.has(arg));
	const container = containerOf(engine, project.name, args[at] ?? '');
	if (container === undefined || container.status !== 'running') {
		throw new Error(`service ${JSON.stringify(args[at] ?? args[0] ?? '')} is not running`);
	}
	const options = args.slice(0, at);
	// Compose keeps standard input open unless it is told not to.
	const given = [...options, '-i', container.id, ...args.slice(at + 1)];
	const { exec: dockerExec } = runCommands(engine, deployment);
	return dockerExec === undefined ? 127 : dockerExec(given, io);
};

const pull: Subcommand = async ({ project, args, io }) => {
	const flags = parseFlags('docker compose pull', args, { 'q quiet': 'flag' });
	for (const service of inOrder(project, flags.rest, false)) {
		io.error(` ${service.name} ${service.build === undefined ? 'Pulled' : 'Skipped - No image to be pulled'}\n`);
	}
	return 0;
};

const subcommands: Readonly<Record<string, Subcommand>> = {
	config,
	build,
	up,
	stop,
	start: eachOf('start', 'Started', (engine, container) => engine.start(container, true)),
	restart: eachOf('restart', 'Restarted', (engine, container) => engine.restart(container)),
	down,
	ps,
	logs,
	images,
	exec,
	pull,
};

/** `docker compose`, as far as deployments and runbooks use it. */
export const compose =
	(engine: Engine, deployment: Deployment): Command =>
	async (args, io) => {
		const flags = parseFlags(
			'docker compose',
			args,
			{ 'p project-name': 'value', 'f file': 'value', 'project-directory': 'value', ansi: 'value', progress: 'value' },
			{ first: true },
		);
		const [name = '', ...rest] = flags.rest;
		if (name === 'version') {
			io.out(rest.includes('--short') ? '2.29.7\n' : 'Docker Compose version v2.29.7 (demo)\n');
			return 0;
		}
		const subcommand = subcommands[name];
		if (subcommand === undefined) {
			io.error(`docker compose: the demo does not play '${name}'; it plays ${Object.keys(subcommands).join(', ')}\n`);
			return 125;
		}
		try {
			const project = loadProject(flags.value('project-directory') ?? io.cwd, io.env, {
				name: flags.value('p'),
				file: flags.value('f'),
			});
			return await subcommand({ engine, project, args: rest, io, deployment });
		} catch (error) {
			io.error(`${(error as Error).message}\n`);
			return 1;
		}
	};
