import { age, timeOfDay, zoneName } from '../../components/format-time.ts';
import { staleLabel } from '../../components/freshness.ts';
import { justify, type Line, lineWidth, span } from '../../components/line.ts';
import { joinSegments } from '../../components/segments.ts';
import { readingSigns, runSigns, waitsSign } from '../../components/status-icons.ts';
import type { Verification } from '../../runbook/check.ts';
import type { LinkState } from '../../runbook/link.ts';
import { type CommitReading, type ContainerReading, isWatched, type Reading } from '../../runbook/reading.ts';
import type { LockHolder } from '../../runbook/run.ts';
import type { TargetInfo } from '../../stores/workspace.ts';
import { verdictLine } from './checks-rows.ts';
import { linkLine } from './link-line.ts';

export interface HeaderFacts {
	readonly target: TargetInfo;
	readonly link: LinkState;
	readonly verification: Verification | undefined;
	readonly commit: Reading<CommitReading>;
	readonly lock: LockHolder | undefined;
	/** True when a run waits for its operator. */
	readonly waiting?: boolean;
	/** Title of the procedure of a run that is going on. */
	readonly running?: string;
	/** Title of the procedure by which the deployment was stopped on purpose: that checks fail is what it is for. */
	readonly stoppedBy?: string;
	/** The container of the main service. */
	readonly main?: ContainerReading;
}

/** From this width on the clock says its time zone. */
const roomForZone = 100;

/** True when a badge marks a production target; its name is shown on red. */
export const isProduction = (target: TargetInfo): boolean => /^prod/i.test(target.badge ?? '');

/** Returns two rows: the target and its link; then its state, the deployed version, and the holder of its lock. */
export const headerRows = (facts: HeaderFacts, now: number, width: number): Line[] => {
	const { target, link, lock } = facts;
	const badge = target.badge === undefined || target.badge === target.name ? '' : ` ${target.badge.toUpperCase()}`;
	const name: Line = [span(` ${target.name}${badge} `, isProduction(target) ? 'alarm' : 'selected')];
	const clock: Line = [
		...(target.readOnly ? [span(' READ-ONLY ', 'selected'), span(' ')] : []),
		span(timeOfDay(now), 'strong'),
		span(width < roomForZone ? ' ' : ` ${zoneName(now)} `, 'muted'),
	];
	const unwell = link.status !== 'up' && (link.status !== 'connecting' || link.reason !== undefined);
	const room = width - lineWidth(clock) - 1;
	const place = `${link.host ?? target.host}:${target.directory}`;
	const first = joinSegments(
		[
			{ line: name, drop: 0 },
			{ line: [span(target.host === 'local' ? target.directory : place)], drop: unwell ? 3 : 1 },
			{ line: linkLine(link, now, unwell), drop: 0 },
		],
		room,
	);
	const second = joinSegments(
		[
			{ line: [span(' '), ...verdictLine(facts.verification, now)], drop: 0 },
			{ line: facts.waiting === true ? waitsLine : runningLine(facts.running), drop: 0 },
			{ line: stoppedLine(facts.stoppedBy), drop: 1 },
			{ line: againLine(facts.commit), drop: 0 },
			{ line: failing(facts.verification), drop: 2 },
			{ line: commitShort(facts.commit, now), drop: 1 },
			{ line: imageAge(facts.main, now), drop: 2 },
			{ line: commitSubject(facts.commit), drop: 3 },
			{
				line: lock === undefined ? [] : lockLine(lock, now),
				drop: facts.waiting === true || facts.running !== undefined ? 1 : 0,
			},
			{ line: lock === undefined && link.status === 'up' ? [span('no lock', 'muted')] : [], drop: 4 },
		],
		width - 1,
	);
	return [justify(first, clock, width), second];
};

const waitsLine: Line = [span(`${waitsSign.glyph} a run waits for you (r)`, waitsSign.tone)];

const runningLine = (title: string | undefined): Line =>
	title === undefined
		? []
		: [span(`${runSigns.running.glyph} running: ${title}`, runSigns.running.tone), span(' (r)', 'muted')];

const stoppedLine = (title: string | undefined): Line =>
	title === undefined ? [] : [span('stopped on purpose', 'warn'), span(` by ${title}`, 'muted')];

/** Says that a version is deployed again which was rolled back. Without git there is no commit, and only that makes the reading warn. */
const againLine = ({ value, state }: Reading<CommitReading>): Line =>
	value?.blocked !== undefined || (value === undefined && state === 'warn')
		? [span(`${readingSigns.warn.glyph} a version that was rolled back is deployed again`, 'warn')]
		: [];

/** Names the checks that the words before it count: the failed ones, or else the unknown ones. */
const failing = (verification: Verification | undefined): Line => {
	const checks = verification?.checks ?? [];
	const counted = checks.some(({ state }) => state === 'failed') ? 'failed' : 'unknown';
	const names = checks.filter(({ state }) => state === counted).map(({ id }) => id);
	return names.length === 0 ? [] : [span(names.join(', '), counted === 'failed' ? 'bad' : 'warn')];
};

const commitShort = (commit: Reading<CommitReading>, now: number): Line => {
	const value = commit.value;
	if (!isWatched(commit)) {
		return [];
	}
	if (value === undefined && commit.state === 'ok') {
		return [span(commit.reason ?? 'no commit', 'muted')];
	}
	if (value === undefined) {
		return [span(`commit unknown${commit.reason === undefined ? '' : `: ${commit.reason}`}`, 'warn')];
	}
	const stale = staleLabel(commit, now);
	const local = value.changed + value.untracked;
	return [
		span(value.hash.slice(0, 7), stale === '' ? 'accent' : 'muted'),
		span(` ${value.branch ?? 'detached'}`, value.branch === undefined ? 'warn' : 'plain'),
		span(value.changed === 0 ? '' : ` +${local} local`, 'warn'),
		span(` ${age(now - value.committedAt).replace('now', '<10s')} old`, 'muted'),
		span(stale === '' ? '' : ` ◔ ${stale}`, 'warn'),
	];
};

const imageAge = (main: ContainerReading | undefined, now: number): Line =>
	main?.imageCreatedAt === undefined
		? []
		: [span(`image ${age(now - main.imageCreatedAt).replace('now', '<10s')} old`, 'muted')];

const commitSubject = (commit: Reading<CommitReading>): Line =>
	commit.value === undefined ? [] : [span(`“${commit.value.subject}”`, 'muted')];

const lockLine = (lock: LockHolder, now: number): Line => [
	span(`◆ locked by ${lock.who.user}@${lock.who.machine}: ${lock.procedure}`, 'warn'),
	span(lock.node === undefined ? '' : ` on ${lock.node}`, 'warn'),
	span(lock.isUnheard === true ? ', which is not heard of: unknown' : '', 'warn'),
	span(` ${age(now - lock.since).replace('now', '<10s')}`, 'muted'),
];
