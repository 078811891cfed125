import { milliseconds } from '../compose/words.ts';
import type { Engine } from '../docker/engine.ts';
import { eventFilter, fitsContainer } from '../docker/filters.ts';
import { formatGo } from '../docker/go-template.ts';
import { eventJson, inspectImage, sample, shownImage, statusLabel } from '../docker/inspect.ts';
import { inspectContainer } from '../docker/inspect-container.ts';
import type { LogEntry } from '../docker/log.ts';
import { ago, nowNanos, parseStamp, stampOf } from '../docker/stamp.ts';
import { type CommandIo, type Container, labels } from '../docker/types.ts';
import type { Command } from './command.ts';
import { parseFlags, toFilters } from './flags.ts';
import { listText } from './table.ts';

const untilAborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		signal.addEventListener('abort', () => resolve(), { once: true });
	});

const portText = ({ ports }: Container): string =>
	ports
		.map((port) =>
			port.host === 0 ? `${port.container}/tcp` : `${port.ip ?? '0.0.0.0'}:${port.host}->${port.container}/tcp`,
		)
		.join(', ');

const containerRow = (container: Container, whole: boolean) => ({
	ID: whole ? container.id : container.id.slice(0, 12),
	Names: container.name,
	Image: shownImage(container),
	Command: JSON.stringify([...(container.entrypoint ?? []), ...(container.command ?? [])].join(' ')),
	State: container.status,
	Status: statusLabel(container),
	CreatedAt: `${stampOf(container.createdAt).slice(0, 19).replace('T', ' ')} +0000 UTC`,
	RunningFor: `${ago(Number((nowNanos() - container.createdAt) / 1_000_000n))} ago`,
	Ports: portText(container),
	Mounts: container.mounts.map(({ source }) => source).join(','),
	Networks: [...container.networks.keys()].join(','),
	LocalVolumes: String(container.mounts.filter(({ type }) => type === 'volume').length),
	Size: '0B',
	Labels: Object.entries(container.labels)
		.map(([name, value]) => `${name}=${value}`)
		.join(','),
	Label: (name: unknown) => container.labels[String(name)] ?? '',
});

/** A container as `docker compose ps` lists it. */
export const composeRow = (container: Container, whole: boolean) => ({
	...containerRow(container, whole),
	Name: container.name,
	Project: container.labels[labels.project] ?? '',
	Service: container.labels[labels.service] ?? '',
	Health: container.health ?? '',
	ExitCode: container.exitCode,
	Publishers: container.ports.map((port) => ({
		URL: port.ip ?? '0.0.0.0',
		TargetPort: port.container,
		PublishedPort: port.host,
		Protocol: 'tcp',
	})),
});

const ps =
	(engine: Engine): Command =>
	async (args, io) => {
		const flags = parseFlags('docker ps', args, {
			'a all': 'flag',
			'q quiet': 'flag',
			'no-trunc': 'flag',
			'f filter': 'list',
			'n last': 'value',
			'l latest': 'flag',
			format: 'value',
		});
		const filters = toFilters(flags.list('f'));
		const newest = flags.has('l') ? 1 : Number(flags.value('n') ?? 0);
		const found = engine
			.containers()
			.filter(
				(container) =>
					flags.has('a') ||
					newest > 0 ||
					'status' in filters ||
					'exited' in filters ||
					['running', 'restarting'].includes(container.status),
			)
			.filter((container) => fitsContainer(container, filters))
			.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
		const rows = (newest > 0 ? found.slice(0, newest) : found).map((container) =>
			containerRow(container, flags.has('no-trunc')),
		);
		io.out(
			flags.has('q')
				? rows.map(({ ID }) => `${ID}\n`).join('')
				: listText(flags.value('format'), '{{.ID}}\t{{.Image}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}', rows),
		);
		return 0;
	};

/** Prints as Docker does: JSON as an array, or the template's text for each; missing ones are reported at the end. */
const inspect =
	(engine: Engine, kind: 'container' | 'image' | 'any'): Command =>
	async (args, io) => {
		const flags = parseFlags('docker inspect', args, { 'f format': 'value', 's size': 'flag', type: 'value' });
		const wanted = flags.value('type') ?? kind;
		const found: unknown[] = [];
		const missing: string[] = [];
		for (const name of flags.rest) {
			const container = wanted === 'image' ? undefined : engine.find(name);
			const image = wanted === 'container' ? undefined : engine.images.find(name);
			if (container !== undefined) {
				found.push(inspectContainer(container));
			} else if (image !== undefined) {
				found.push(inspectImage(image));
			} else {
				missing.push(`Error: No such ${wanted === 'any' ? 'object' : wanted}: ${name}\n`);
			}
		}
		const format = flags.value('f');
		io.out(
			format === undefined || format === 'json'
				? `${JSON.stringify(found, null, format === undefined ? 4 : undefined)}\n`
				: found.map((one) => `${formatGo(format, one)}\n`).join(''),
		);
		io.error(missing.join(''));
		return missing.length > 0 ? 1 : 0;
	};

const logs =
	(engine: Engine): Command =>
	async (args, io) => {
		const flags = parseFlags('docker logs', args, {
			'f follow': 'flag',
			't timestamps': 'flag',
			'n tail': 'value',
			since: 'value',
			until: 'value',
		});
		const [name = ''] = flags.rest;
		const container = engine.find(name);
		if (container === undefined) {
			throw new Error(`No such container: ${name}`);
		}
		return showLog(container, io, {
			follow: flags.has('f'),
			timestamps: flags.has('t'),
			since: stampFlag(flags.value('since')),
			until: stampFlag(flags.value('until')),
			tail: flags.value('n'),
		});
	};

/** Parses a time, or an age: `10m`, `1h30m`. */
const stampFlag = (text: string | undefined): bigint | undefined =>
	text === undefined
		? undefined
		: /^(\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)
			? nowNanos() - BigInt(Math.round(milliseconds(text))) * 1_000_000n
			: parseStamp(text);

/** Prints a container's log, and follows it until the container or the command ends. */
export const showLog = async (
	container: Container,
	io: CommandIo,
	options: {
		readonly follow: boolean;
		readonly timestamps: boolean;
		readonly since?: bigint;
		readonly until?: bigint;
		readonly tail?: string;
		readonly prefix?: string;
	},
): Promise<number> => {
	const { tail, prefix = '' } = options;
	const write = ({ nanos, stream, text }: LogEntry) => {
		const line = `${prefix}${options.timestamps ? `${stampOf(nanos)} ` : ''}${text}\n`;
		if (stream === 'stdout') {
			io.out(line);
		} else {
			io.error(line);
		}
	};
	const count = tail === undefined || tail === 'all' ? undefined : Number(tail);
	for (const entry of container.log.read({ since: options.since, until: options.until, tail: count })) {
		write(entry);
	}
	if (options.follow && container.status === 'running') {
		const stop = container.log.listen(write);
		await untilAborted(io.signal);
		stop();
	}
	return 0;
};

const events =
	(engine: Engine): Command =>
	async (args, io) => {
		const flags = parseFlags('docker events', args, {
			'f filter': 'list',
			since: 'value',
			until: 'value',
			format: 'value',
		});
		const fits = eventFilter(toFilters(flags.list('f')));
		const until = stampFlag(flags.value('until'));
		const write = (event: Parameters<typeof eventJson>[0]) => {
			if (fits(event.container, event.action) && (until === undefined || event.nanos <= until)) {
				const format = flags.value('format');
				io.out(
					format === undefined
						? `${stampOf(event.nanos)} container ${event.action} ${event.container.id} (name=${event.container.name})\n`
						: ['json', '{{json .}}'].includes(format)
							? `${eventJson(event)}\n`
							: `${formatGo(format, { ...JSON.parse(eventJson(event)), TimeNano: event.nanos, Time: event.nanos / 1_000_000_000n, Status: event.action, ID: event.container.id, From: event.container.imageName, Scope: 'local' })}\n`,
				);
			}
		};
		for (const event of engine.events(stampFlag(flags.value('since')))) {
			write(event);
		}
		const left = until === undefined ? undefined : Number((until - nowNanos()) / 1_000_000n);
		if (left === undefined || left > 0) {
			const stop = engine.listen(write);
			await Promise.race([
				untilAborted(io.signal),
				...(left === undefined ? [] : [new Promise((resolve) => setTimeout(resolve, left))]),
			]);
			stop();
		}
		return 0;
	};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)}MiB`;

const stats =
	(engine: Engine): Command =>
	async (args, io) => {
		const flags = parseFlags('docker stats', args, {
			'no-stream': 'flag',
			'no-trunc': 'flag',
			'a all': 'flag',
			format: 'value',
		});
		if (!flags.has('no-stream')) {
			throw new Error("the demo's Docker simulates docker stats with --no-stream only");
		}
		const found = flags.rest.length > 0 ? flags.rest.map((name) => engine.find(name)) : engine.containers();
		const rows = found
			.filter((container) => container !== undefined)
			.map((container) => {
				const { memory_stats: memory } = sample(container);
				const { cpu } = container.program?.use() ?? { cpu: 0 };
				return {
					Container: container.id.slice(0, 12),
					Name: container.name,
					CPUPerc: `${(cpu * 100).toFixed(2)}%`,
					MemUsage: `${mebibytes(memory.usage)} / ${mebibytes(memory.limit)}`,
				};
			});
		io.out(listText(flags.value('format'), '{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}', rows));
		return 0;
	};

/** `docker diff`: the programs of the demo write nothing outside of volumes. */
const diff =
	(engine: Engine): Command =>
	async (args, io) => {
		const [name = ''] = parseFlags('docker diff', args, {}).rest;
		if (engine.find(name) === undefined) {
			io.error(`Error response from daemon: No such container: ${name}\n`);
			return 1;
		}
		return 0;
	};

/** The read-only commands. */
export const readingCommands = (engine: Engine): Readonly<Record<string, Command>> => ({
	ps: ps(engine),
	'container ls': ps(engine),
	inspect: inspect(engine, 'any'),
	'container inspect': inspect(engine, 'container'),
	'image inspect': inspect(engine, 'image'),
	logs: logs(engine),
	events: events(engine),
	stats: stats(engine),
	diff: diff(engine),
});
