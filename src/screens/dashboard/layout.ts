import type { Rect } from '../../components/panel.ts';
import { type MonitorPanelId, monitorPanelIds, monitorPanels } from './monitor-panels.ts';

/** The monitors' panels with a place of their own in the layout; all others come after them. */
const placed: readonly string[] = ['health', 'metrics', 'alerts', 'host'];
const others = monitorPanelIds.filter((id) => !placed.includes(id));
/** Returns the others that the runbook watches: one that has nothing to show takes no room. */
const watchedOthers = (content: Content): readonly MonitorPanelId[] => others.filter((id) => content[id] > 0);

/** The panels of the dashboard as they are on the screen, in the order of their keys 1 to 9; those after the ninth have none. */
export const panelIds: readonly PanelId[] = [
	'containers',
	'checks',
	'health',
	'metrics',
	'alerts',
	'host',
	'procedures',
	'links',
	'output',
	...others,
];
export type PanelId = 'containers' | 'checks' | 'procedures' | 'output' | 'links' | MonitorPanelId;

/** The number of rows that each panel could fill, without its title. */
export type Content = Readonly<Record<Exclude<PanelId, 'output'>, number>>;

export const usualContent: Content = {
	containers: 9,
	checks: 5,
	procedures: 20,
	links: 3,
	...(Object.fromEntries(monitorPanelIds.map((id) => [id, monitorPanels[id].usualRows])) as Record<
		MonitorPanelId,
		number
	>),
};

/** Two monitors' panels side by side. */
interface PanelPair {
	readonly one: MonitorPanelId;
	readonly other?: MonitorPanelId;
}

const pairsOf = (content: Content): readonly PanelPair[] => [
	{ one: 'health', other: 'metrics' },
	{ one: 'alerts', other: 'host' },
	...watchedOthers(content).flatMap((one, at, all) => (at % 2 === 0 ? [{ one, other: all[at + 1] }] : [])),
];

/** A vertical rule one cell wide; `joints` are rows (of the screen) where a panel's title meets it. */
export interface Separator {
	readonly rect: Rect;
	readonly left: readonly number[];
	readonly right: readonly number[];
}

export interface Layout {
	readonly mode: 'wide' | 'narrow' | 'zoomed' | 'too-small';
	readonly header: Rect;
	readonly footer: Rect;
	/** Panels that are missing here have no room. A height of 1 is the title with its summary. */
	readonly panels: Readonly<Partial<Record<PanelId, Rect>>>;
	readonly separators: readonly Separator[];
}

export interface LayoutRequest {
	readonly columns: number;
	readonly rows: number;
	readonly focus: PanelId;
	readonly zoomed?: boolean;
	readonly content?: Content;
	/** True: one column, however large the screen is. */
	readonly linear?: boolean;
}

interface Claim<Id> {
	readonly id: Id;
	readonly least: number;
	readonly wish: number;
}

/**
 * Distributes `total` rows: first the minimum of each claim, then the wishes, both in the given order. A panel with 0 rows is hidden.
 */
export const allot = <Id extends string>(total: number, claims: readonly Claim<Id>[]): Map<Id, number> => {
	let left = total;
	const given = new Map<Id, number>();
	for (const { id, least } of claims) {
		const rows = least <= left ? least : 0;
		given.set(id, rows);
		left -= rows;
	}
	for (const { id, wish } of claims) {
		const has = given.get(id) ?? 0;
		if (has > 0) {
			const more = Math.max(0, Math.min(wish - has, left));
			given.set(id, has + more);
			left -= more;
		}
	}
	return given;
};

export const smallest = { columns: 40, rows: 12 };
const header = 2;
const footer = 1;

/**
 * Where everything goes. With room for it (72×18) there are two columns above the output; what shrinks first when rows
 * are missing, in this order: links, metrics, alerts, backups and disk, health, the list of checks, containers, the menu.
 * A panel shrinks to its title with a summary before it goes. Below that there is one column: the focused panel and the
 * titles of the others, as many as fit. Below 40×12 nothing useful can be shown.
 */
export const layoutDashboard = (request: LayoutRequest): Layout => {
	const { columns, rows, focus } = request;
	const content = request.content ?? usualContent;
	const frame = {
		header: { x: 0, y: 0, width: columns, height: header },
		footer: { x: 0, y: rows - footer, width: columns, height: footer },
	};
	const body = rows - header - footer;
	if (columns < smallest.columns || rows < smallest.rows) {
		return { mode: 'too-small', ...frame, panels: {}, separators: [] };
	}
	if (request.zoomed) {
		const rect = { x: 0, y: header, width: columns, height: body };
		return { mode: 'zoomed', ...frame, panels: { [focus]: rect }, separators: [] };
	}
	return columns >= 72 && rows >= 18 && !request.linear
		? { mode: 'wide', ...frame, ...twoColumns(columns, body, content) }
		: { mode: 'narrow', ...frame, panels: oneColumn(columns, body, focus, content), separators: [] };
};

/** The panels in the order of their numbers: what is read from top to bottom is what the keys count. */
const numbered = (ids: readonly PanelId[]): readonly PanelId[] => panelIds.filter((id) => ids.includes(id));

/** The left column where there is no room for pairs; those that come first get the rows they wish for first. */
const unpairedOf = (content: Content): readonly Exclude<PanelId, 'output'>[] => [
	'containers',
	'checks',
	'health',
	'host',
	'alerts',
	'metrics',
	...watchedOthers(content),
];

/** The width of the column on the right: wide enough for the titles of the menu, and for pairs on the left from 119 columns on. */
export const menuWidth = (columns: number): number =>
	Math.max(31, Math.min(64, Math.round(columns * (columns < 119 ? 0.46 : 0.4))));

const twoColumns = (columns: number, body: number, content: Content): Pick<Layout, 'panels' | 'separators'> => {
	const rightWidth = menuWidth(columns);
	const leftWidth = columns - rightWidth - 1;
	const paired = leftWidth >= 70;
	const [pairs, unpaired] = [pairsOf(content), unpairedOf(content)];
	const claim = (id: Exclude<PanelId, 'output'>, least = 1, extra = 1): Claim<PanelId> => ({
		id,
		least,
		wish: content[id] + extra,
	});
	// In the order in which they get what they wish for; a pair has the name of its first.
	const leftClaims = paired
		? [
				claim('containers', 4, 2),
				claim('checks'),
				...pairs.map(
					({ one, other = one }): Claim<PanelId> => ({
						id: one,
						least: 2,
						wish: 1 + Math.max(content[one], content[other]),
					}),
				),
			]
		: [claim('containers', 4, 2), ...unpaired.slice(1).map((id) => claim(id))];
	const leftWish = leftClaims.reduce((sum, { wish }) => sum + wish, 0);
	const outputLeast = Math.max(4, Math.round(body * 0.28));
	const middle = Math.min(body - outputLeast, Math.max(leftWish, 2 + content.procedures + content.links));
	const left = allot(middle, leftClaims);
	const right = allot(middle, [claim('procedures', 8)]);
	if (content.links > 0 && middle - (right.get('procedures') ?? 0) > content.links) {
		right.set('links', 1 + content.links);
	}
	grow(right, 'procedures', middle);
	grow(left, paired ? 'alerts' : 'containers', middle);

	const panels: Partial<Record<PanelId, Rect>> = {};
	const separators: Separator[] = [];
	const stack = (x: number, width: number, order: readonly PanelId[], given: ReadonlyMap<PanelId, number>) => {
		const joints: number[] = [];
		let y = header;
		for (const id of order) {
			const height = given.get(id) ?? 0;
			if (height > 0) {
				panels[id] = { x, y, width, height };
				joints.push(y);
				y += height;
			}
		}
		return joints;
	};
	const leftOrder: readonly PanelId[] = paired
		? ['containers', 'checks', ...pairs.map(({ one }) => one)]
		: numbered(unpaired);
	const leftJoints = stack(0, leftWidth, leftOrder, left);
	const rightJoints = stack(leftWidth + 1, rightWidth, ['procedures', 'links'], right);
	if (paired) {
		const pairWidth = Math.floor((leftWidth - 1) / 2);
		for (const { one, other } of pairs) {
			const rect = panels[one];
			if (rect !== undefined && other !== undefined) {
				panels[one] = { ...rect, width: pairWidth };
				panels[other] = { ...rect, x: pairWidth + 1, width: leftWidth - pairWidth - 1 };
				separators.push({ rect: { ...rect, x: pairWidth, width: 1 }, left: [rect.y], right: [rect.y] });
			}
		}
	}
	separators.push({
		rect: { x: leftWidth, y: header, width: 1, height: middle },
		left: leftJoints,
		right: rightJoints,
	});
	panels.output = { x: 0, y: header + middle, width: columns, height: body - middle };
	return { panels, separators };
};

/** Gives the remaining rows to one panel, up to `most`. */
const grow = (given: Map<PanelId, number>, id: PanelId, total: number, most = Number.POSITIVE_INFINITY) => {
	const used = [...given.values()].reduce((sum, rows) => sum + rows, 0);
	const has = given.get(id) ?? 0;
	if (used < total && has < most) {
		given.set(id, Math.min(most, has + total - used));
	}
};

const oneColumn = (columns: number, body: number, focus: PanelId, content: Content): Layout['panels'] => {
	const order: readonly PanelId[] = [
		'containers',
		'checks',
		'procedures',
		'alerts',
		'health',
		'host',
		'output',
		'metrics',
		...watchedOthers(content),
		'links',
	];
	const wish = (id: PanelId) => (id === 'output' ? 6 : content[id] + 1);
	const given = allot(body, [
		{ id: focus, least: 5, wish: Math.max(5, focus === 'output' ? body : wish(focus)) },
		...order.filter((id) => id !== focus).map((id) => ({ id, least: 1, wish: wish(id) })),
	]);
	grow(given, focus, body);
	const panels: Partial<Record<PanelId, Rect>> = {};
	let y = header;
	// The output comes last, also after panels without a number: what is below it on the screen is not painted.
	const stacked: readonly PanelId[] = [...numbered(order).filter((id) => id !== 'output'), 'output'];
	for (const id of stacked) {
		const height = given.get(id) ?? 0;
		if (height > 0) {
			panels[id] = { x: 0, y, width: columns, height };
			y += height;
		}
	}
	return panels;
};
