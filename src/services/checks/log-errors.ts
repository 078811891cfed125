import type { CheckDefinition } from '../../runbook/runbook.ts';
import { after, errorTest, type LogLine } from '../docker/log-lines.ts';
import { parseMillis } from '../docker/time.ts';
import type { ContainerDetails } from '../docker/types.ts';
import { ErrorKinds } from './error-kinds.ts';
import { type Extent, runKey } from './log-reading.ts';
import { ago, type CheckContext, type Look, type Outcome } from './outcome.ts';
import { type Ahead, lookAhead } from './read-ahead.ts';
import { containerOf, type Snapshot, type Snapshots } from './snapshot.ts';

const firstTail = 2000;
/** What is taken of a log that is too long to be read whole. */
const longTail = 20_000;
const wholeLimits = { maxBytes: 32 * 1024 * 1024, maxMs: 5000 };
const shownLines = 5;

/** Errors in one run's log. */
interface Tally {
	count: number;
	/** The newest ones. */
	shown: LogLine[];
	kinds: ErrorKinds;
}

const noErrors = (): Tally => ({ count: 0, shown: [], kinds: new ErrorKinds() });

/** The errors of the runs before, and from when to when their log was read, ms. */
interface Earlier extends Tally {
	readonly ms: number;
}

/** No line since the container started is an error. */
export const lookAtLogErrors = (
	definition: Extract<CheckDefinition, { kind: 'log-errors' }>,
	{ docker }: CheckContext,
	snapshots: Snapshots,
): Look => {
	const isError = errorTest(definition.pattern, definition.except);
	const asked = `docker logs of ${definition.service} since it started: lines with /${definition.pattern}/i${definition.except ? `, except /${definition.except}/i` : ''}`;
	let key = '';
	let cursor: bigint | undefined;
	let tally: Tally = noErrors();
	/** The time of the oldest line read where the log was too long to be read whole. */
	let reachesBackTo: string | undefined;
	let before: Promise<Earlier | undefined> | undefined;

	const counting = (into: Tally) => (line: LogLine) => {
		if (isError(line.text)) {
			into.count++;
			into.kinds.add(line.text);
			into.shown = [...into.shown, line].slice(-shownLines);
		}
	};

	const read = async (ahead: Ahead, container: ContainerDetails, since: bigint | undefined) => {
		const attempt = async (tail: number | undefined): Promise<[Tally, Extent]> => {
			const found = noErrors();
			const limits = tail === undefined ? wholeLimits : {};
			return [found, await ahead.read(container, { since, tail }, counting(found), limits)];
		};
		let [found, extent] = await attempt(firstTail);
		if (!extent.whole) {
			[found, extent] = await attempt(undefined);
		}
		if (!extent.whole) {
			[found, extent] = await attempt(longTail);
			reachesBackTo = extent.oldest;
		}
		tally.kinds.addAll(found.kinds);
		tally = {
			count: tally.count + found.count,
			shown: [...tally.shown, ...found.shown].slice(-shownLines),
			kinds: tally.kinds,
		};
		cursor = after(extent.newest) ?? cursor;
	};

	/** For comparison: the errors of the runs before, as far as the same container's log has them. */
	const countBefore = async (ahead: Ahead, container: ContainerDetails): Promise<Earlier | undefined> => {
		if (container.logFrom === undefined) {
			return undefined;
		}
		const found = noErrors();
		const extent = await ahead.read(container, { until: container.logFrom, tail: firstTail }, counting(found));
		return { ...found, ms: (parseMillis(extent.newest) ?? 0) - (parseMillis(extent.oldest) ?? 0) };
	};

	const judge = async (look: Promise<Snapshot>, ahead: Ahead): Promise<Outcome> => {
		const container = containerOf(await look, definition.service);
		if (container === undefined || container.status !== 'running') {
			const what = container === undefined ? 'has no container' : `is ${container.status}`;
			return { state: 'failed', reason: `${definition.service} ${what}`, asked, evidence: '' };
		}
		if (runKey(container) !== key) {
			[key, cursor, tally, reachesBackTo] = [runKey(container), undefined, noErrors(), undefined];
			before = countBefore(ahead, container).catch(() => undefined);
		}
		await read(ahead, container, cursor ?? container.logFrom);
		const earlier = await before;
		const started = container.startedAt ?? container.createdAt;
		const evidence = [
			...tally.shown.map(({ stamp, text }) => `${stamp} ${text.slice(0, 300)}`),
			earlier === undefined
				? 'no earlier run is in this log'
				: `before this start: ${earlier.count} in the last ${firstTail} lines`,
			...(reachesBackTo === undefined ? [] : [`the log is long: looked at since ${reachesBackTo}`]),
		].join('\n');
		const more =
			definition.compare === 'before' && earlier !== undefined
				? tally.kinds.moreThan(earlier.kinds, { now: docker.clock.now() - started, before: earlier.ms })
				: tally.count;
		if (more > 0) {
			const lines = tally.count === 1 ? '1 error line' : `${tally.count} error lines`;
			return {
				state: 'failed',
				reason: `${lines} since the start ${ago(docker.clock.now() - started)} ago`,
				asked,
				evidence,
				// What is in the log stays in it until the container starts anew.
				hopelessSince: docker.clock.toLocal(started),
			};
		}
		const from = reachesBackTo === undefined ? started : (parseMillis(reachesBackTo) ?? started);
		return {
			state: 'passed',
			reason: `${tally.count === 0 ? 'no error line' : `${tally.count} error lines, none more often than in the run before,`} since ${reachesBackTo ?? 'the start'}, ${ago(docker.clock.now() - from)} ago`,
			asked,
			evidence,
			since: docker.clock.toLocal(from),
		};
	};

	return lookAhead(docker, snapshots, () => ({ service: definition.service, tail: firstTail, since: cursor }), judge);
};
