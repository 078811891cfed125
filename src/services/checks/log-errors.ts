import type { CheckDefinition } from '../../runbook/runbook.ts';
import { after, errorTest, type LogLine } from '../docker/log-lines.ts';
import { parseMillis } from '../docker/time.ts';
import type { ContainerDetails } from '../docker/types.ts';
import { type Extent, readLog, runKey } from './log-reading.ts';
import { ago, type CheckContext, type Look } from './outcome.ts';
import { containerOf, type Snapshots } from './snapshot.ts';

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

	const read = async (container: ContainerDetails, since: bigint | undefined, signal: AbortSignal) => {
		const attempt = async (tail: number | undefined): Promise<[Tally, Extent]> => {
			const found: Tally = { count: 0, shown: [] };
			const limits = tail === undefined ? wholeLimits : {};
			return [found, await readLog(docker, container, { since, tail, signal }, counting(found), limits)];
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
	const countBefore = async (container: ContainerDetails, signal: AbortSignal): Promise<number | undefined> => {
		if (container.logFrom === undefined) {
			return undefined;
		}
		const found: Tally = { count: 0, shown: [] };
		await readLog(docker, container, { until: container.logFrom, tail: firstTail, signal }, counting(found));
		return found.count;
	};

	return async (signal) => {
		const container = containerOf(await snapshots.take(signal), definition.service);
		if (container === undefined || container.status !== 'running') {
			const what = container === undefined ? 'has no container' : `is ${container.status}`;
			return { state: 'failed', reason: `${definition.service} ${what}`, asked, evidence: '' };
		}
		if (runKey(container) !== key) {
			[key, cursor, tally, reachesBackTo] = [runKey(container), undefined, { count: 0, shown: [] }, undefined];
			before = countBefore(container, signal).catch(() => undefined);
		}
		await read(container, cursor ?? container.logFrom, signal);
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
};
