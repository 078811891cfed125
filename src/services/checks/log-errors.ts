import type { CheckDefinition } from '../../runbook/runbook.ts';
import { after, errorTest, type LogLine } from '../docker/log-lines.ts';
import { parseMillis } from '../docker/time.ts';
import type { ContainerDetails } from '../docker/types.ts';
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
	let tally: Tally = { count: 0, shown: [] };
	/** The time of the oldest line read where the log was too long to be read whole. */
	let reachesBackTo: string | undefined;
	let before: Promise<number | undefined> | undefined;

	const counting = (into: Tally) => (line: LogLine) => {
		if (isError(line.text)) {
			into.count++;
			into.shown = [...into.shown, line].slice(-shownLines);
		}
	};

	const read = async (ahead: Ahead, container: ContainerDetails, since: bigint | undefined) => {
		const attempt = async (tail: number | undefined): Promise<[Tally, Extent]> => {
			const found: Tally = { count: 0, shown: [] };
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
		tally = { count: tally.count + found.count, shown: [...tally.shown, ...found.shown].slice(-shownLines) };
		cursor = after(extent.newest) ?? cursor;
	};

	/** For comparison: the errors of the runs before, as far as the same container's log has them. */
	const countBefore = async (ahead: Ahead, container: ContainerDetails): Promise<number | undefined> => {
		if (container.logFrom === undefined) {
			return undefined;
		}
		const found: Tally = { count: 0, shown: [] };
		await ahead.read(container, { until: container.logFrom, tail: firstTail }, counting(found));
		return found.count;
	};

	const judge = async (look: Promise<Snapshot>, ahead: Ahead): Promise<Outcome> => {
		const container = containerOf(await look, definition.service);
		if (container === undefined || container.status !== 'running') {
			const what = container === undefined ? 'has no container' : `is ${container.status}`;
			return { state: 'failed', reason: `${definition.service} ${what}`, asked, evidence: '' };
		}
		if (runKey(container) !== key) {
			[key, cursor, tally, reachesBackTo] = [runKey(container), undefined, { count: 0, shown: [] }, undefined];
			before = countBefore(ahead, container).catch(() => undefined);
		}
		await read(ahead, container, cursor ?? container.logFrom);
		const earlier = await before;
		const started = container.startedAt ?? container.createdAt;
		const evidence = [
			...tally.shown.map(({ stamp, text }) => `${stamp} ${text.slice(0, 300)}`),
			earlier === undefined
				? 'no earlier run is in this log'
				: `before this start: ${earlier} in the last ${firstTail} lines`,
			...(reachesBackTo === undefined ? [] : [`the log is long: looked at since ${reachesBackTo}`]),
		].join('\n');
		if (tally.count > 0) {
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
			reason: `no error line since ${reachesBackTo ?? 'the start'}, ${ago(docker.clock.now() - from)} ago`,
			asked,
			evidence,
			since: docker.clock.toLocal(from),
		};
	};

	return lookAhead(docker, snapshots, () => ({ service: definition.service, tail: firstTail, since: cursor }), judge);
};
