import type { Instance } from '../../engine/instance.ts';
import { millisToNanos, nanosToMillis, parseMillis } from '../../engine/time.ts';
import { after, type LogLine, linePattern } from '../logs/log-lines.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { type ContainerCache, type ContainersNow, containerOf } from './container-cache.ts';
import { type LogPrefetch, prefetchLogs } from './log-prefetch.ts';
import { type Extent, runKey } from './log-reading.ts';
import { ago, type CheckContext, type CheckFunction, type Outcome } from './outcome.ts';

/** Newest lines first: a whole log may be long, and the newest matching line decides. */
const tails = [300, 5000, undefined] as const;
const wholeMs = 8000;
/** If the first line is this much later than the start, the log was rotated, ms. */
const rotatedMs = 30_000;

interface Decision {
	readonly good: boolean;
	readonly stamp: string;
	readonly text: string;
}

const keys = ({ z, text, regex }: SchemaParts) => ({
	service: text().describe('The Compose service whose log is read'),
	good: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that mean healthy'),
	bad: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that mean unhealthy'),
	since: z
		.array(text())
		.optional()
		.describe('Only lines since these services last started count; default: the service itself'),
});

const build = (entry: Entry<typeof keys>) => ({ ...entry, since: entry.since ?? [entry.service] });
type LogStateCheck = Built<ReturnType<typeof build>>;

/** Passes when the newest line that matches one of the patterns, since the last start of the named services, matches the good one. */
const checkLogState = (
	definition: LogStateCheck,
	{ engine }: CheckContext,
	snapshots: ContainerCache,
): CheckFunction => {
	const good = linePattern(definition.good);
	const bad = linePattern(definition.bad);
	const asked = `${engine.terms.asks.logs(definition.service)}: the newest line with /${definition.good}/ or /${definition.bad}/ since ${definition.since.join(' or ') || definition.service} started`;
	let key = '';
	let cursor: bigint | undefined;
	let decision: Decision | undefined;
	let first: Extent | undefined;

	const decide = (stamp: string, text: string) => {
		// "Not connected" contains connected, so bad is tested first.
		if (bad.test(text)) {
			decision = { good: false, stamp, text };
		} else if (good.test(text)) {
			decision = { good: true, stamp, text };
		}
	};

	const read = async (ahead: LogPrefetch, container: Instance, from: bigint | undefined) => {
		const before = decision;
		const since = cursor ?? from;
		for (const tail of tails) {
			decision = before;
			const take = ({ stamp, text }: LogLine) => decide(stamp, text);
			const extent = await ahead.read(container, { since, tail }, take, { maxMs: wholeMs });
			if (extent.whole || decision !== before || tail === undefined) {
				first ??= extent;
				cursor = after(extent.newest) ?? cursor;
				return;
			}
		}
	};

	const judge = async (look: Promise<ContainersNow>, ahead: LogPrefetch): Promise<Outcome> => {
		const snapshot = await look;
		const container = containerOf(snapshot, definition.service);
		if (container === undefined || container.status !== 'running') {
			const what = container === undefined ? 'has no container' : `is ${container.status}`;
			return { state: 'failed', reason: `${definition.service} ${what}`, asked, evidence: '' };
		}
		const from = beginning(container, snapshot, definition.since);
		const now = `${runKey(container)} ${from}`;
		if (now !== key) {
			[key, cursor, decision, first] = [now, undefined, undefined, undefined];
		}
		await read(ahead, container, from);
		if (decision === undefined) {
			const start = from === undefined ? container.startedAt : nanosToMillis(from);
			const rotated = (parseMillis(first?.oldest) ?? 0) > (start ?? 0) + rotatedMs || first?.whole === false;
			return rotated
				? {
						state: 'unknown',
						reason: 'the log no longer goes back to the start, and no line in it matches',
						asked,
						evidence: '',
					}
				: { state: 'failed', reason: 'no line in the log matches since the start', asked, evidence: '' };
		}
		const age = ago(engine.clock.now() - (parseMillis(decision.stamp) ?? 0));
		const evidence = `${decision.stamp} ${decision.text.slice(0, 300)}`;
		// The newest line says nothing about the time between two lines.
		return decision.good
			? { state: 'passed', reason: `the last matching line is good, ${age} ago`, asked, evidence }
			: { state: 'failed', reason: `the last matching line is bad, ${age} ago`, asked, evidence };
	};

	return prefetchLogs(engine, snapshots, () => ({ service: definition.service, tail: tails[0], since: cursor }), judge);
};

/** Returns the start of the lines that count; undefined: start of the log. */
const beginning = (container: Instance, snapshot: ContainersNow, services: readonly string[]): bigint | undefined => {
	const others = services
		.filter((service) => service !== container.service)
		.map((service) => containerOf(snapshot, service)?.startedAt)
		.filter((startedAt) => startedAt !== undefined && startedAt > (container.startedAt ?? 0))
		.map((startedAt) => millisToNanos(startedAt ?? 0));
	return others.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? container.logFrom;
};

export const logState = defineCheckKind({
	about: 'The newest line that matches good or bad is a good one',
	keys,
	build,
	run: (definition, { context, snapshots }) => checkLogState(definition, context, snapshots),
});
