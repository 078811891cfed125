import { age, ago, duration, moment, timeWithSeconds } from '../../components/format-time.ts';
import { type Line, type Span, span, widthOf, wrap } from '../../components/line.ts';
import { readingSigns } from '../../components/status-icons.ts';
import type { InstanceDescription } from '../../engine/instance.ts';
import { digestOf, isReference } from '../../runbook/image-id.ts';
import type { ContainerReading } from '../../runbook/reading.ts';
import type { Mark } from '../../stores/mark.ts';
import { containerWord } from '../dashboard/containers-rows.ts';
import { historyTexts } from './history-rows.ts';

/** Cells before what is said, for what it is about. */
const titleCells = 13;

const titled = (title: string, spans: readonly Span[]): Line => [
	span(` ${title.padEnd(titleCells)}`, 'muted'),
	...spans,
];

/** A title and a text, over as many rows as it takes. */
const paragraph = (title: string, text: string, width: number, tone: Span['tone'] = 'plain'): Line[] =>
	wrap(text, Math.max(10, width - titleCells - 2)).map((row, at) => titled(at === 0 ? title : '', [span(row, tone)]));

/** Several things of one kind, one a row; a dash where there are none. */
const list = (title: string, items: readonly string[], width: number): Line[] =>
	items.length === 0
		? [titled(title, [span('–', 'muted')])]
		: items.flatMap((item, at) => paragraph(at === 0 ? title : '', item, width));

/** What is known of a container at once, from the readings of the dashboard. */
export const stateRows = (reading: ContainerReading, now: number): Line[] => {
	const { glyph, tone } = readingSigns[reading.state];
	const { startedAt, restarts, exitCode, status, node } = reading;
	// Between two crashes it is not up.
	const isUp = status === 'running' && containerWord(reading) !== 'restarting';
	const up = isUp && startedAt !== undefined ? `  up ${duration(now - startedAt)}` : '';
	const code = exitCode === undefined ? '' : `  last exit code ${exitCode}`;
	return [
		titled('State', [
			span(`${glyph} ${containerWord(reading)}`, tone),
			span(up),
			span(code, exitCode === 0 ? 'plain' : 'warn'),
		]),
		...(node === undefined ? [] : [titled('Node', [span(node)])]),
		titled('Restarts', [
			span(
				restarts === 0 ? 'none since it was created' : `${restarts} since it was created`,
				restarts === 0 ? 'plain' : 'warn',
			),
		]),
	];
};

/** The first characters of an image's id or digest; none of a name without a digest. */
const shortIdOf = (imageId: string): readonly string[] => {
	const id = isReference(imageId) ? digestOf(imageId) : imageId;
	return id === undefined ? [] : [id.replace(/^sha256:/, '').slice(0, 5)];
};

const imageRows = (
	{ instance, image, imageUnknown = 'not on the host any more', imageHistory }: InstanceDescription,
	now: number,
	width: number,
): Line[] => {
	const others = image?.tags.filter((tag) => tag !== instance.image && tag !== `${instance.image}:latest`) ?? [];
	const facts = [
		image === undefined ? imageUnknown : `built ${ago(now - image.createdAt)}`,
		...(image?.revision === undefined ? [] : [`of commit ${image.revision.slice(0, 7)}`]),
		...shortIdOf(instance.imageId),
		...(others.length === 0 ? [] : [`also tagged ${others.join(', ')}`]),
	];
	const layers = imageHistory === undefined ? [] : historyTexts(imageHistory, now, width - titleCells - 2);
	return [
		...paragraph('Image', instance.image, width),
		...paragraph('', facts.join(' · '), width, 'muted'),
		...layers.map((text, at) => titled(at === 0 ? 'History' : '', [span(text, 'muted')])),
	];
};

/** The newest probe first: it is why the state is what it is. */
const healthRows = ({ instance, healthCheck }: InstanceDescription, now: number, width: number): Line[] => {
	if (healthCheck === undefined) {
		return [titled('Health check', [span('none', 'muted')])];
	}
	const probes = instance.probes.toReversed().flatMap(({ endedAt, exitCode, output }): Line[] => {
		const head = `${timeWithSeconds(endedAt)}  exit code ${exitCode}  `;
		const words = output.trim().replaceAll(/\s+/g, ' ');
		const room = Math.max(10, width - titleCells - 2 - widthOf(head));
		const [first = '', ...rest] = wrap(words === '' ? 'no output' : words, room);
		return [
			titled('', [span(head, exitCode === 0 ? 'good' : 'bad'), span(first)]),
			...rest.slice(0, 2).map((row) => titled('', [span(' '.repeat(widthOf(head))), span(row)])),
		];
	});
	const status = instance.health === undefined ? '' : `${instance.health}, `;
	const newest = instance.probes.at(-1);
	const last = newest === undefined ? 'not probed yet' : `last probe ${age(now - newest.endedAt)}`;
	return [
		...paragraph('Health check', healthCheck.join(' '), width),
		titled('', [
			span(`${status}${last}${newest !== undefined && now - newest.endedAt >= 10_000 ? ' ago' : ''}`, 'muted'),
		]),
		...probes,
	];
};

/** What happened to it while the dashboard was open, the newest first. */
export const happenedRows = (marks: readonly Mark[], now: number, width: number): Line[] =>
	list(
		'Happened',
		marks
			.toReversed()
			.slice(0, 5)
			.map(({ at, label }) => `${now - at < 3_600_000 ? timeWithSeconds(at) : moment(at, now)}  ${label}`),
		width,
	);

/** The settings that a container was created with. */
export const describedRows = (described: InstanceDescription, now: number, width: number): Line[] => {
	const { instance, command, user, workingDirectory, ports, mounts, networks, environment } = described;
	const trouble = [
		...(instance.oomKilled ? ['It was ended because it used more memory than it may.'] : []),
		...(instance.error === '' ? [] : [instance.error]),
	];
	return [
		...trouble.flatMap((text, at) => paragraph(at === 0 ? 'Trouble' : '', text, width, 'bad')),
		...(described.noUsage === undefined
			? []
			: paragraph('CPU, memory', `unknown: ${described.noUsage}`, width, 'warn')),
		...paragraph('Created', `${moment(instance.createdAt, now)}, restart policy ${instance.restartPolicy}`, width),
		...imageRows(described, now, width),
		...healthRows(described, now, width),
		...paragraph('Command', command.join(' ') || '–', width),
		...paragraph('Runs as', `${user === '' ? 'the user of its image' : user}, in ${workingDirectory || '/'}`, width),
		...list(
			'Ports',
			ports.map(({ container, host }) =>
				host === undefined ? `${container}, not published` : `${host} → ${container}`,
			),
			width,
		),
		...list(
			'Mounts',
			mounts.map(
				({ kind, source, target, readOnly }) => `${kind} ${source} → ${target}${readOnly ? ', read only' : ''}`,
			),
			width,
		),
		...list('Networks', networks, width),
		...list(
			'Environment',
			environment.map(([name, value]) => `${name}=${value}`),
			width,
		),
		...paragraph('Shell', `${described.shellCommand}   (on the host)`, width),
	];
};
