import type { EngineClock } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import { parseMillis, parseNanos } from '../../engine/time.ts';
import { errorTest, type LogLine } from '../logs/log-lines.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { type ContainerCache, type ContainersNow, containerOf } from './container-cache.ts';
import { ErrorKinds } from './error-kinds.ts';
import { type Cover, coverOf } from './log-cover.ts';
import { type LogPrefetch, prefetchLogs } from './log-prefetch.ts';
import { type Extent, runKey } from './log-reading.ts';
import { ago, type CheckContext, type CheckFunction, type Outcome } from './outcome.ts';

const firstTail = 2000;
/** Number of lines read from a log that is too long to be read completely. */
const longTail = 20_000;
const wholeLimits = { maxBytes: 32 * 1024 * 1024, maxMs: 5000 };
const shownLines = 5;
const shownCharacters = 300;

/** Below this uptime a container is judged from its start, ms: the first lines of an older one are no news. */
const youngMs = 3_600_000;

/** The errors in one process's log. */
interface Tally {
	count: number;
	/** The newest errors. */
	shown: LogLine[];
	kinds: ErrorKinds;
}

const noErrors = (): Tally => ({ count: 0, shown: [], kinds: new ErrorKinds() });

/** The errors of earlier processes, and the period of their log that was read, ms. */
interface Earlier extends Tally {
	readonly ms: number;
	/** Number of lines that were read. */
	readonly lines: number;
}

const keys = ({ z, text, regex }: SchemaParts) => ({
	service: text().describe('The Compose service whose log is read'),
	pattern: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that are errors'),
	except: regex('iu').optional().describe('Lines that match this are not errors'),
	compare: z
		.enum(['none', 'before'])
		.default('none')
		.describe(
			'before: errors do not count as long as they are no more frequent than before the last restart of the same container',
		),
});

const build = ({
	compare,
	...rest
}: Entry<typeof keys>): Omit<Entry<typeof keys>, 'compare'> & {
	readonly compare?: 'none' | 'before';
} => ({ ...rest, compare });
type LogErrorsCheck = Built<ReturnType<typeof build>>;

/** The read part of a container's log, for judgement. */
interface ReadLog extends Cover {
	readonly definition: LogErrorsCheck;
	/** The command that an operator would use. */
	readonly asked: string;
	readonly tally: Tally;
	readonly earlier: Earlier | undefined;
	/** Start of the container, ms by the host's clock. */
	readonly started: number;
	readonly clock: EngineClock;
}

/** Judges what was read. */
const outcomeOf = ({ definition, asked, tally, earlier, started, clock, from, lost }: ReadLog): Outcome => {
	const since = from > started ? new Date(from).toISOString() : 'the start';
	const evidence = [
		...tally.shown.map(({ stamp, text }) => `${stamp} ${text}`),
		earlier === undefined
			? 'this log does not go back before this start'
			: `before this start: ${earlier.count} in the last ${firstTail} lines`,
		...(from > started ? [`the log was read from ${since}, not from the start`] : []),
	].join('\n');
	const more =
		definition.compare === 'before' && earlier !== undefined
			? tally.kinds.moreThan(earlier.kinds, { now: clock.now() - started, before: earlier.ms })
			: tally.count;
	if (more > 0) {
		const lines = tally.count === 1 ? '1 error line' : `${tally.count} error lines`;
		return {
			state: 'failed',
			reason: `${lines} since the start ${ago(clock.now() - started)} ago`,
			asked,
			evidence,
			// These lines stay in the log until the container is started again.
			hopelessSince: clock.toLocal(started),
		};
	}
	const hostNow = clock.now();
	const none =
		tally.count === 0 ? 'no error line' : `${tally.count} error lines, none more frequent than before the restart,`;
	if (lost && hostNow - started < youngMs) {
		const gone =
			from > started
				? `no longer has the lines between the start ${ago(hostNow - started)} ago and then`
				: 'may have lost its first lines to a rotation';
		return { state: 'unknown', reason: `${none} since ${since}, but the log ${gone}`, asked, evidence };
	}
	return {
		state: 'passed',
		reason: `${none} since ${since}, ${ago(hostNow - from)} ago`,
		asked,
		evidence,
		since: clock.toLocal(from),
	};
};

/** Passes when no line since the container's start is an error. */
export const checkLogErrors = (
	definition: LogErrorsCheck,
	{ engine }: CheckContext,
	snapshots: ContainerCache,
): CheckFunction => {
	const isError = errorTest(definition.pattern, definition.except);
	const asked = `${engine.terms.asks.logs(definition.service)} since it started: lines with /${definition.pattern}/i${definition.except ? `, except /${definition.except}/i` : ''}`;
	let key = '';
	/** The newest line read. It is read again, to detect lost lines after it. */
	let newest: string | undefined;
	let tally: Tally = noErrors();
	let cover: Cover | undefined;
	let before: Promise<Earlier | undefined> | undefined;

	const counting = (into: Tally) => (line: LogLine) => {
		if (isError(line.text)) {
			into.count++;
			into.kinds.add(line.text);
			into.shown = [...into.shown, { ...line, text: line.text.slice(0, shownCharacters) }].slice(-shownLines);
		}
	};

	/** Reads new lines, and says if they follow the last ones without a gap. */
	const readNew = async (ahead: LogPrefetch, container: Instance): Promise<[Tally, Extent, boolean]> => {
		const cursor = parseNanos(newest);
		const since = cursor ?? container.logFrom;
		const attempt = async (tail: number | undefined): Promise<[Tally, Extent, boolean]> => {
			const found = noErrors();
			const count = counting(found);
			let follows = cursor === undefined;
			const take = (line: LogLine) => {
				if (cursor !== undefined && (parseNanos(line.stamp) ?? 0n) <= cursor) {
					follows = true;
				} else {
					count(line);
				}
			};
			const limits = tail === undefined ? wholeLimits : {};
			const extent = await ahead.read(container, { since, tail }, take, limits);
			return [found, extent, follows];
		};
		for (const tail of [firstTail, undefined]) {
			const answer = await attempt(tail);
			if (answer[1].whole) {
				return answer;
			}
		}
		return attempt(longTail);
	};

	const read = async (ahead: LogPrefetch, container: Instance) => {
		const [found, extent, follows] = await readNew(ahead, container);
		if (cover === undefined) {
			const { lines = 0 } = (await before) ?? {};
			cover = coverOf(container, extent, lines);
		} else if (!follows) {
			// The last line is gone: lines after it may be gone too.
			cover = { from: parseMillis(extent.oldest) ?? engine.clock.now(), lost: true };
		}
		tally.kinds.addAll(found.kinds);
		tally = {
			count: tally.count + found.count,
			shown: [...tally.shown, ...found.shown].slice(-shownLines),
			kinds: tally.kinds,
		};
		newest = extent.newest || newest;
	};

	/**
	 * Reads the lines of earlier processes in the same container's log: for comparison, and to prove that it reaches back to this one's
	 * start.
	 */
	const readBefore = async (ahead: LogPrefetch, container: Instance): Promise<Earlier | undefined> => {
		if (container.logFrom === undefined) {
			return undefined;
		}
		const found = noErrors();
		const extent = await ahead.read(container, { until: container.logFrom, tail: firstTail }, counting(found));
		return { ...found, lines: extent.lines, ms: (parseMillis(extent.newest) ?? 0) - (parseMillis(extent.oldest) ?? 0) };
	};

	const judge = async (look: Promise<ContainersNow>, ahead: LogPrefetch): Promise<Outcome> => {
		const container = containerOf(await look, definition.service);
		if (container === undefined || container.status !== 'running') {
			const what = container === undefined ? 'has no container' : `is ${container.status}`;
			return { state: 'failed', reason: `${definition.service} ${what}`, asked, evidence: '' };
		}
		if (runKey(container) !== key) {
			[key, newest, tally, cover] = [runKey(container), undefined, noErrors(), undefined];
			before = readBefore(ahead, container).catch(() => undefined);
		}
		await read(ahead, container);
		const earlier = await before;
		const started = container.startedAt ?? container.createdAt;
		return outcomeOf({
			definition,
			asked,
			tally,
			earlier,
			started,
			clock: engine.clock,
			...(cover ?? { from: started, lost: false }),
		});
	};

	const optionsNow = () => ({ service: definition.service, tail: firstTail, since: parseNanos(newest) });
	return prefetchLogs(engine, snapshots, optionsNow, judge);
};

export const logErrors = defineCheckKind({
	about: 'No line since the container started matches',
	keys,
	build,
	run: (definition, { context, snapshots }) => checkLogErrors(definition, context, snapshots),
	errorLines: ({ service, pattern, except }) => ({ service, pattern, ...(except !== undefined && { except }) }),
});
