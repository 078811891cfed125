import { milliseconds } from '../../components/figures.ts';
import { age } from '../../components/format-time.ts';
import { type Line, line, type Span, span, type Tone, widthOf, wrap } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import type { StatusIcon } from '../../components/status-icons.ts';
import { type Column, fitColumns, selectedRow, tableHead, tableRow } from '../../components/table.ts';
import { oldestLook, type Verification } from '../../runbook/check.ts';
import type { LinkState } from '../../runbook/link.ts';
import { type CommitReading, type ContainerReading, isStale, type Reading } from '../../runbook/reading.ts';
import type { TargetInfo, Workspace } from '../../stores/workspace.ts';
import { isProduction } from '../dashboard/header-rows.ts';
import { linkLine, steady } from '../dashboard/link-line.ts';
import { askedHost, type TargetStatus, targetStatuses, targetStatusOf } from './target-status.ts';

export const standingSigns: Readonly<Record<TargetStatus, StatusIcon>> = {
	failing: { glyph: '✗', word: 'failing', tone: 'bad' },
	unreachable: { glyph: '✗', word: 'unreachable', tone: 'bad' },
	'in doubt': { glyph: '▲', word: 'in doubt', tone: 'warn' },
	starting: { glyph: '◌', word: 'starting', tone: 'muted' },
	well: { glyph: '●', word: 'well', tone: 'good' },
};

const columns: readonly Column[] = [
	{ title: '', width: 1 },
	{ title: 'TARGET', width: 6, grows: true },
	{ title: 'BADGE', width: 10, drop: 2 },
	{ title: 'HOST', width: 8, grows: true, drop: 5 },
	{ title: 'LINK', width: 13 },
	{ title: 'CHECKS', width: 17, grows: true },
	{ title: 'RUNS', width: 5, align: 'right' },
	{ title: 'COMMIT', width: 12, drop: 4 },
	{ title: 'RUN', width: 22, drop: 3 },
	{ title: 'READ', width: 4, align: 'right', drop: 1 },
];

/** Drop rank of a column without content. */
const unused = 9;

/** Returns a coarse age: below a minute it is one word, so that an idle page does not change. */
const coarse = (ms: number): string => (ms < 60_000 ? '<1m' : age(ms));

/** Returns a badge for display: nothing if it repeats the name. */
export const badgeWord = ({ badge, name, readOnly }: TargetInfo): string =>
	[badge === undefined || badge === name ? '' : badge.toUpperCase(), readOnly ? 'read-only' : '']
		.filter((word) => word !== '')
		.join(' ');

/** Returns the link in a few cells, without a countdown. */
export const linkWord = (link: LinkState, now: number): Span => {
	const since = link.heardAt === undefined ? '' : ` ${age(now - link.heardAt).replace('now', '')}`.trimEnd();
	switch (link.status) {
		case 'up':
			return span(link.rttMs === undefined ? '● up' : `● up ${milliseconds(steady(link.rttMs))}`, 'good');
		case 'connecting':
			return link.reason === undefined ? span('◌ connecting', 'muted') : span('✗ no answer', 'bad');
		case 'silent':
			return span(`▲ silent${since}`, 'warn');
		case 'reconnecting':
			return span(`✗ lost${since}`, 'bad');
		default:
			return span(`✗ ${link.status}`, 'bad');
	}
};

/** Sums up the checks in a few words, with the names of those that do not pass. */
export const checksWord = (verification: Verification | undefined, now: number): Span => {
	const checks = verification?.checks ?? [];
	if (checks.every(({ at }) => at === 0)) {
		return span('? not checked', 'muted');
	}
	const oldest = oldestLook(checks, now);
	const old = oldest >= 60_000 ? ` (${age(oldest)} ago)` : '';
	for (const [state, glyph, tone] of [
		['failed', '✗', 'bad'],
		['unknown', '?', 'warn'],
	] as const) {
		const names = checks.filter((check) => check.state === state).map(({ id }) => id);
		if (names.length > 0) {
			return span(`${glyph} ${names.length}/${checks.length}${old} ${names.join(', ')}`, tone);
		}
	}
	return span(`✓ ${checks.length === 1 ? 'passed' : `all ${checks.length} pass`}${old}`, old === '' ? 'good' : 'warn');
};

/** Returns the number of running containers, and of all. */
export const containersWord = (reading: Reading<readonly ContainerReading[]>, now: number): Span => {
	if (reading.value === undefined) {
		return span('?', 'muted');
	}
	const running = reading.value.filter(({ status }) => status === 'running').length;
	const tones: Readonly<Record<string, Tone>> = { ok: 'good', warn: 'warn', down: 'bad' };
	const stale = isStale(reading, now);
	return span(
		`${stale ? '◔' : ''}${running}/${reading.value.length}`,
		stale ? 'warn' : (tones[reading.state] ?? 'warn'),
	);
};

const commitWord = (reading: Reading<CommitReading>, now: number): Span => {
	const { value } = reading;
	if (value === undefined) {
		return span(reading.at === 0 && reading.state === 'unknown' ? '?' : '–', 'muted');
	}
	const stale = isStale(reading, now);
	const local = value.changed === 0 ? '' : ` +${value.changed}`;
	return span(`${stale ? '◔' : ''}${value.hash.slice(0, 7)}${local}`, stale || local !== '' ? 'warn' : 'plain');
};

const runWord = ({ readings }: Workspace, now: number): Span => {
	const lock = readings.lock.get();
	return lock === undefined ? span('') : span(`▸ ${lock.procedure} ${age(now - lock.since)}`, 'busy');
};

/** Returns the time of a target's newest reading, ms since the epoch; 0 for never. */
export const newestReading = ({ readings }: Workspace): number =>
	Math.max(
		readings.containers.get().at,
		readings.commit.get().at,
		readings.disk.get().at,
		// A check that could not be made has a time too, but read nothing.
		...(readings.verification.get()?.checks ?? []).map(({ at, state }) => (state === 'unknown' ? 0 : at)),
	);

const cells = (workspace: Workspace, marked: boolean, now: number): Span[] => {
	const { target, readings } = workspace;
	const standing = targetStatusOf(workspace, now);
	const sign = standingSigns[standing];
	const newest = newestReading(workspace);
	const starting = standing === 'starting';
	return [
		span(marked ? '◆' : sign.glyph, marked ? 'accent' : sign.tone),
		span(target.name, sign.tone === 'bad' ? 'strong' : 'plain'),
		span(badgeWord(target), isProduction(target) ? 'bad' : 'muted'),
		span(askedHost(workspace), readings.link.get().instead === undefined ? 'muted' : 'warn'),
		linkWord(readings.link.get(), now),
		starting ? span('–', 'muted') : checksWord(readings.verification.get(), now),
		starting ? span('–', 'muted') : containersWord(readings.containers.get(), now),
		starting ? span('–', 'muted') : commitWord(readings.commit.get(), now),
		runWord(workspace, now),
		newest === 0 ? span('–', 'muted') : span(coarse(now - newest), now - newest < 60_000 ? 'muted' : 'warn'),
	];
};

export interface TargetRowsOptions {
	readonly selected: string | undefined;
	readonly marked: readonly string[];
	readonly width: number;
	readonly height: number;
}

/** Returns a row per target, in the given order; the selected one is always among them. */
export const targetRows = (
	workspaces: readonly Workspace[],
	now: number,
	{ selected, marked, width, height }: TargetRowsOptions,
): Line[] => {
	if (workspaces.length === 0) {
		return [line(' no target matches', 'muted')];
	}
	// At least as wide as the widest head.
	const longest = (tell: (target: TargetInfo) => string) =>
		Math.max('TARGET'.length, ...workspaces.map(({ target }) => widthOf(tell(target))));
	const idle = workspaces.every(({ readings }) => readings.lock.get() === undefined);
	const badges = Math.max(...workspaces.map(({ target }) => widthOf(badgeWord(target))));
	// As wide as its content, and dropped if it has none: the checks get the rest.
	const shown = columns.map((column): Column => {
		switch (column.title) {
			case 'TARGET':
				return {
					...column,
					width: Math.min(
						14,
						longest(({ name }) => name),
					),
					most: Math.min(
						24,
						longest(({ name }) => name),
					),
				};
			case 'BADGE':
				return { ...column, drop: badges === 0 ? unused : 2, width: Math.max(5, Math.min(20, badges)) };
			case 'HOST':
				return {
					...column,
					width: Math.min(
						18,
						longest(({ host }) => host),
					),
					most: Math.min(
						36,
						longest(({ host }) => host),
					),
				};
			case 'RUN':
				return { ...column, ...(idle && { drop: unused }) };
			default:
				return column;
		}
	});
	const kept = shown.filter(({ drop }) => drop !== unused);
	const widths = fitColumns(kept, width - 1);
	const room = Math.max(1, height - 1);
	const from = windowStart(
		workspaces.length,
		workspaces.findIndex(({ target }) => target.name === selected),
		room,
	);
	return [
		[span(' '), ...tableHead(kept, widths)],
		...workspaces.slice(from, from + room).map((workspace) => {
			const all = cells(workspace, marked.includes(workspace.target.name), now);
			const row: Line = [
				span(' '),
				...tableRow(
					all.filter((_, at) => shown[at]?.drop !== unused),
					kept,
					widths,
				),
			];
			return workspace.target.name === selected ? selectedRow(row) : row;
		}),
	];
};

/** Counts the targets by status: `✗ 2 failing  ▲ 1 in doubt  ● 47 well`. */
export const standingCounts = (workspaces: readonly Workspace[], now: number): Line => {
	const all = workspaces.map((workspace) => targetStatusOf(workspace, now));
	return targetStatuses.flatMap((standing) => {
		const count = all.filter((one) => one === standing).length;
		const { glyph, word, tone } = standingSigns[standing];
		return count === 0 ? [] : [span(`  ${glyph} ${count} ${word}`, tone)];
	});
};

/** Returns the details of one target: why its link is not up, which checks do not pass and why, and the suggestion. */
export const detailRows = (workspace: Workspace, now: number, width: number): Line[] => {
	const { target, readings } = workspace;
	const link = readings.link.get();
	const checks = readings.verification.get()?.checks ?? [];
	const commit = readings.commit.get().value;
	const lock = readings.lock.get();
	const suggestion = readings.suggestion.get();
	const told = (text: string, tone: Tone): Line[] => wrap(text, width - 2).map((row) => line(` ${row}`, tone));
	return [
		[
			span(` ${target.host === 'local' ? '' : `${askedHost(workspace)}:`}${target.directory}  `, 'muted'),
			...linkLine(link, now, false),
		],
		...(link.reason === undefined ? [] : told(link.reason, 'warn')),
		...(link.next === undefined ? [] : told(link.next, 'plain')),
		...(lock === undefined
			? []
			: told(`▸ ${lock.procedure}, run ${lock.run}, by ${lock.who.user}@${lock.who.machine}`, 'warn')),
		...(link.status === 'up' || link.status === 'silent'
			? checks
					.filter(({ state }) => state !== 'passed')
					.map(({ title, state, reason }) =>
						line(` ${state === 'failed' ? '✗' : '?'} ${title}: ${reason}`, state === 'failed' ? 'bad' : 'warn'),
					)
			: []),
		...(suggestion === undefined
			? []
			: [[span(' Suggested: ', 'muted'), span(suggestion.procedure, 'strong'), span(`, ${suggestion.why}`)]]),
		...(commit === undefined
			? []
			: [
					[
						span(` ${commit.hash.slice(0, 7)} `, 'accent'),
						span(`${commit.branch ?? 'detached'} “${commit.subject}”`, 'muted'),
					],
				]),
	];
};
