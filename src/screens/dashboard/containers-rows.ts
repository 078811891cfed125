import { bytes, plural, shortBytes } from '../../components/figures.ts';
import { duration } from '../../components/format-time.ts';
import { staleMark, unknownRow } from '../../components/freshness.ts';
import { type Line, type Span, span, widthOf } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { bar, sparkline } from '../../components/sparkline.ts';
import { readingSigns } from '../../components/status-icons.ts';
import { type Column, fadedRow, fitColumns, selectedRow, tableHead, tableRow } from '../../components/table.ts';
import { type ContainerReading, isStale, type Reading, type ReadingState } from '../../runbook/reading.ts';
import { type History, resample, type Sample } from '../../stores/history.ts';

type Containers = Reading<readonly ContainerReading[]>;

const columnsWithBars: readonly Column[] = [
	{ title: '', width: 1 },
	{ title: 'SERVICE', width: 12, grows: true, most: 32 },
	{ title: 'STATE', width: 12 },
	{ title: 'RST', width: 3, align: 'right', drop: 3 },
	{ title: 'UP', width: 6, align: 'right', drop: 2 },
	{ title: 'CPU', width: 4, align: 'right', drop: 4 },
	{ title: '', width: 8, drop: 6 },
	{ title: 'MEM', width: 5, align: 'right', drop: 5 },
	{ title: '', width: 8, drop: 7 },
	{ title: ' IMAGE', width: 30, grows: true, drop: 8 },
];

/** With a history, lines of CPU and memory use the remaining width. */
const columnsWithTrends: readonly Column[] = columnsWithBars.map((column, at) =>
	at === 6 || at === 8 ? { ...column, grows: true, most: 40 } : column,
);

/** The width from which on the lines grow; below it, the names take the space. */
const roomForTrends = 100;

/** Time of a cell in such a line, ms: it moves no more often. */
const trendMs = 10_000;

const severity: readonly ReadingState[] = ['down', 'warn', 'unknown', 'ok'];

/** The orders of the rows, in the order in which a key goes through them. */
export const containerOrders = ['usual', 'CPU', 'memory', 'restarts', 'uptime', 'name'] as const;
export type ContainerOrder = (typeof containerOrders)[number];

type Compare = (a: ContainerReading, b: ContainerReading) => number;

const worstFirst: Compare = (a, b) => severity.indexOf(a.state) - severity.indexOf(b.state);

const compares: Readonly<Record<Exclude<ContainerOrder, 'usual'>, Compare>> = {
	CPU: (a, b) => (b.cpuPercent ?? -1) - (a.cpuPercent ?? -1),
	memory: (a, b) => (b.memoryBytes ?? -1) - (a.memoryBytes ?? -1),
	restarts: (a, b) => b.restarts - a.restarts,
	// The container started last comes first: it is the one that has changed.
	uptime: (a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0),
	name: (a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0),
};

/**
 * Sorts the containers for the rows. The usual order is as given (the main service first), but the worst first when they do not all fit;
 * otherwise the largest first, or by name.
 */
export const orderContainers = (
	list: readonly ContainerReading[],
	room: number,
	order: ContainerOrder = 'usual',
): readonly ContainerReading[] =>
	order !== 'usual' ? list.toSorted(compares[order]) : list.length <= room ? list : list.toSorted(worstFirst);

/** Describes what a container is doing, in a word or two: its health if it has a check, else docker's state. */
export const containerWord = (container: ContainerReading): string => {
	if (container.status !== 'running') {
		const failed = container.status === 'exited' && container.exitCode !== undefined;
		return failed ? `exited (${container.exitCode})` : container.status;
	}
	// Between two crashes it must not look well.
	return container.state === 'down' && container.health !== 'unhealthy'
		? 'restarting'
		: (container.health ?? 'running');
};

/** Sums up the containers for the panel's title: `6 running`, `1 of 6 down`. */
export const containersSummary = (reading: Containers, now: number): Line => {
	const stale = staleMark(reading, now);
	if (stale.length > 0) {
		return stale;
	}
	if (reading.value === undefined) {
		return [span('? unknown', 'warn')];
	}
	const total = reading.value.length;
	const parts: Span[] = [];
	for (const state of ['down', 'warn', 'unknown'] as const) {
		const count = reading.value.filter((container) => container.state === state).length;
		if (count > 0) {
			const { glyph, word, tone } = readingSigns[state];
			parts.push(span(`${parts.length === 0 ? '' : ' '}${glyph} ${count} ${word}`, tone));
		}
	}
	return parts.length === 0
		? [span(`● ${total === 1 ? '' : 'all '}${total} ok`, 'good')]
		: [...parts, span(` of ${total}`, 'muted')];
};

/** Returns the containers that are shown, the selected one among them, and if there is room for a head. */
const shownContainers = (
	list: readonly ContainerReading[],
	height: number,
	selected: string | undefined,
	order?: ContainerOrder,
) => {
	const headed = list.length < height || height > 8;
	const room = height - (headed ? 1 : 0);
	const ordered = orderContainers(list, room, order);
	const at = Math.max(
		0,
		ordered.findIndex((container) => container.name === selected),
	);
	const from = windowStart(ordered.length, at, room);
	return { headed, shown: ordered.slice(from, from + room) };
};

/** Returns the name of the container in a row on the screen. */
export const containerAt = (
	reading: Containers,
	{ height }: { readonly height: number },
	selected: string | undefined,
	row: number,
	order?: ContainerOrder,
): string | undefined => {
	const { headed, shown } = shownContainers(reading.value ?? [], height, selected, order);
	return shown[row - (headed ? 1 : 0)]?.name;
};

/** Gives the names the width that the longest one needs, up to a third of the table: other columns go first. */
const withWholeNames = (
	columns: readonly Column[],
	list: readonly ContainerReading[],
	width: number,
): readonly Column[] => {
	const longest = Math.max(...list.map(({ service }) => widthOf(service)));
	return columns.map((column) =>
		column.title === 'SERVICE'
			? { ...column, width: Math.max(column.width, Math.min(longest, column.most ?? longest, Math.floor(width / 3))) }
			: column,
	);
};

/** Returns the table; `height` rows at most, the selected container always among them. */
export const containersRows = (
	reading: Containers,
	now: number,
	size: { readonly width: number; readonly height: number },
	selected: string | undefined,
	{ history, order }: { readonly history?: History; readonly order?: ContainerOrder } = {},
): Line[] => {
	if (reading.value === undefined) {
		return [unknownRow(reading)];
	}
	if (reading.value.length === 0) {
		return [[span('no container of this project exists', 'warn')]];
	}
	const columns = withWholeNames(
		history === undefined || size.width < roomForTrends ? columnsWithBars : columnsWithTrends,
		reading.value,
		size.width,
	);
	const widths = fitColumns(columns, size.width - 1);
	const stale = isStale(reading, now);
	const { headed, shown } = shownContainers(reading.value, size.height, selected, order);
	const rows = shown.map((container) => {
		const row: Line = [span(' '), ...tableRow(cells(container, now, history, widths), columns, widths)];
		return container.name === selected ? selectedRow(row) : stale ? fadedRow(row) : row;
	});
	return headed ? [[span(' '), ...tableHead(columns, widths)], ...rows] : rows;
};

const shareBar = (share: number | undefined): Span =>
	share === undefined ? span('') : span(bar(share, 8), share >= 0.9 ? 'warn' : 'muted');

/** Returns the share of the limit: the container's own, or the host's memory. */
const memoryShare = ({ memoryBytes, memoryLimitBytes }: ContainerReading): number | undefined =>
	memoryBytes === undefined || memoryLimitBytes === undefined || memoryLimitBytes <= 0
		? undefined
		: memoryBytes / memoryLimitBytes;

interface DrawnTrend {
	readonly stretch: number;
	readonly cells: number;
	readonly text: string;
}

/** The last drawn line for each list of samples. */
const drawnTrends = new WeakMap<readonly Sample[], DrawnTrend>();

/** Returns the line of these samples. It is drawn once per interval, so that it does not move with each sample. */
const trendText = (samples: readonly Sample[], stretch: number, cells: number, ceiling: number): string => {
	const drawn = drawnTrends.get(samples);
	if (drawn?.stretch === stretch && drawn.cells === cells && drawn.text !== '') {
		return drawn.text;
	}
	const values = resample(samples, { to: (stretch + 1) * trendMs, stepMs: trendMs, count: cells });
	const first = values.findIndex((value) => value !== undefined);
	const text = first < 0 ? '' : sparkline(values.slice(first), cells, true, ceiling);
	drawnTrends.set(samples, { stretch, cells, text });
	return text;
};

/** Returns the line of a value's history, a cell for every ten seconds; the time before the dashboard was opened is blank. */
const trend = (samples: readonly Sample[], now: number, cells: number, ceiling: number, isHigh: boolean): Span => {
	const text = trendText(samples, Math.floor(now / trendMs), cells, ceiling);
	return text === '' ? span('') : span(text, isHigh ? 'warn' : 'accent');
};

/** CPU usage that fills a line at least: with less, noise would look like work. */
const leastCpu = 20;

const cpuTrend = (container: ContainerReading, now: number, history: History | undefined, cells: number): Span => {
	const { cpuPercent, name } = container;
	return history === undefined
		? shareBar(cpuPercent === undefined ? undefined : cpuPercent / 100)
		: trend(history.cpu(name), now, cells, leastCpu, (cpuPercent ?? 0) >= 90);
};

const memoryTrend = (container: ContainerReading, now: number, history: History | undefined, cells: number): Span => {
	const share = memoryShare(container);
	if (history === undefined) {
		return shareBar(share);
	}
	// A constant value fills half of the height, so that growing and shrinking are both visible.
	const ceiling = Math.min(container.memoryLimitBytes || Number.POSITIVE_INFINITY, 2 * (container.memoryBytes ?? 0));
	return trend(history.memory(container.name), now, cells, ceiling, (share ?? 0) >= 0.9);
};

/** A cell as it is read aloud, apart from its neighbours. */
const said = (words: string): string => `  ${words}  `;

const cells = (
	container: ContainerReading,
	now: number,
	history: History | undefined,
	widths: readonly number[],
): Span[] => {
	const sign = readingSigns[container.state];
	const cpu = container.cpuPercent;
	const uptime =
		container.status === 'running' && container.startedAt !== undefined ? duration(now - container.startedAt) : '–';
	return [
		span(sign.glyph, sign.tone),
		span(container.service, container.state === 'ok' ? 'plain' : 'strong'),
		span(containerWord(container), sign.tone),
		{
			...span(container.restarts === 0 ? '–' : String(container.restarts), container.restarts === 0 ? 'muted' : 'warn'),
			spoken: said(container.restarts === 0 ? 'no restarts' : plural(container.restarts, 'restart')),
		},
		{
			...span(/^\d+s$/.test(uptime) ? '<1m' : uptime, uptime === '–' ? 'muted' : 'plain'),
			spoken: said(uptime === '–' ? 'not up' : `up ${/^\d+s$/.test(uptime) ? 'less than a minute' : uptime}`),
		},
		{
			...span(cpu === undefined ? '–' : `${Math.round(cpu)}%`, cpu === undefined ? 'muted' : 'plain'),
			spoken: said(cpu === undefined ? 'CPU unknown' : `CPU ${Math.round(cpu)}%`),
		},
		cpuTrend(container, now, history, widths[6] ?? 0),
		{
			...span(container.memoryBytes === undefined ? '–' : shortBytes(container.memoryBytes)),
			spoken: said(container.memoryBytes === undefined ? 'memory unknown' : `memory ${bytes(container.memoryBytes)}`),
		},
		memoryTrend(container, now, history, widths[8] ?? 0),
		// The machine comes first if there are several: the image may be cut off.
		span(` ${container.node === undefined ? '' : `${container.node} `}${container.image}`, 'muted'),
	];
};
