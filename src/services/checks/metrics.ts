import { BackoutError } from '../../runbook/errors.ts';
import { createSeriesReader, type Series } from '../metrics/series.ts';
import { expositionTypes } from '../monitors/metrics.ts';
import { probe } from '../monitors/probe.ts';
import { asCurl } from '../monitors/request.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import type { ContainerCache } from './container-cache.ts';
import { failedOutcome } from './failed-outcome.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

const maxBytes = 5 * 1024 * 1024;
/** Enough samples to see that series exist and move. */
const maxSamples = 20_000;
/** Time until the second scrape, ms; each later one waits longer. */
const againMs = 50;
const againAtMostMs = 400;
/** A series that has not changed for this long is standing still, ms. */
const stillMs = 5000;

interface Scrape extends Series {
	readonly at: number;
	readonly truncated: boolean;
}

/**
 * The last scrape by URL, kept while the connection exists: a new check need not wait for a movement. It counts only if no container was
 * started since.
 */
const memories = new WeakMap<object, Map<string, Scrape>>();

const memoryOf = (connection: object): Map<string, Scrape> => {
	const memory = memories.get(connection) ?? new Map<string, Scrape>();
	memories.set(connection, memory);
	return memory;
};

const keys = ({ z, url, request, text, timeLimit }: SchemaParts) => ({
	url: url().describe('URL of the metrics, in the text format of Prometheus'),
	...request(),
	timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
	prefix: z.string().default('').describe('Prefix of the names of the expected series'),
	moves: z
		.union([z.boolean(), z.enum(['any']), z.array(text()).min(1, 'must not be empty')], {
			error: 'expected true, false, any, or a list of prefixes of series',
		})
		.default(true)
		.describe(
			'true: one of them must change between two requests; any: any series of the page; a list: also a series with one of these prefixes, such as process_, for a service whose own figures may stay the same',
		),
});

const build = ({ timeout, moves, ...rest }: Entry<typeof keys>) => {
	/** Prefixes of other series whose movement counts as well; '' is any series. */
	const alsoMoves: readonly string[] = moves === 'any' ? [''] : typeof moves === 'boolean' ? [] : moves;
	return { ...rest, timeoutMs: timeout, moves: moves !== false, alsoMoves };
};
type MetricsCheck = Built<ReturnType<typeof build>>;

/**
 * Passes when the exposition parses, has series with the prefix, and one of them moves, or a named substitute does.
 *
 * @param share shares the response that a monitor is waiting for
 */
const checkMetrics = (
	definition: MetricsCheck,
	{ host, engine }: CheckContext,
	snapshots: Pick<ContainerCache, 'take' | 'newestStart'>,
	share = false,
): CheckFunction => {
	const from = definition.through === 'host' ? ` (on ${host.name})` : '';
	const asked = `${asCurl(definition, definition.timeoutMs)}${from} | grep '^${definition.prefix}'${definition.moves ? ', twice' : ''}`;
	const memory = memoryOf(engine);
	/** Series whose movement counts instead of the expected ones'. */
	const others = definition.alsoMoves ?? [];
	const isExpected = (name: string) => name.startsWith(definition.prefix);
	const movement = movementOf(isExpected);
	const isOther = (name: string) => !isExpected(name) && others.some((prefix) => name.startsWith(prefix));
	const readSeries = createSeriesReader((name) => isExpected(name) || isOther(name), maxSamples);
	/** Time of the last observed movement. */
	let movedAt: number | undefined;
	let lastMoved = definition.prefix;

	const scrape = async (signal: AbortSignal): Promise<Scrape> => {
		const answer = await probe(host, { ...definition, maxBytes, signal, accept: expositionTypes, share });
		if (answer.status !== 200) {
			throw new BackoutError('failed', `status ${answer.status} instead of 200`);
		}
		return { at: Date.now(), ...readSeries(answer.body.toString('utf8')), truncated: answer.truncated };
	};

	/** Returns the last scrape, unless a container was started since: then another program made it. */
	const remembered = async (signal: AbortSignal): Promise<Scrape | undefined> => {
		const last = memory.get(definition.url);
		if (last === undefined) {
			return undefined;
		}
		const known = await snapshots.take(signal).then(
			() => true,
			() => false,
		);
		return known && (snapshots.newestStart() ?? 0) < last.at ? last : undefined;
	};

	const look: CheckFunction = async (signal) => {
		const [before, scraped] = await Promise.all([remembered(signal), scrape(signal)]);
		let now = scraped;
		let moved = before === undefined ? undefined : movement(before, now);
		const evidence = () => describe(now, moved);
		if (now.truncated) {
			memory.delete(definition.url);
			// The rest could be anything; and a response without an end is invalid.
			return { state: 'unknown', reason: 'more than 5 MB of metrics, cut off', asked, evidence: evidence() };
		}
		const expected = [...now.values.keys()].filter(isExpected).length;
		if (expected === 0) {
			memory.delete(definition.url);
			const bad = now.badLines > 0 ? `, ${now.badLines} lines are not metrics` : '';
			return { state: 'failed', reason: `no series begins with ${definition.prefix}${bad}`, asked, evidence: '' };
		}
		const first = before ?? now;
		const beganAt = performance.now();
		const recently = () => movedAt !== undefined && Date.now() - movedAt < stillMs;
		let waitMs = againMs;
		while (definition.moves && moved === undefined && !recently() && performance.now() - beganAt < stillMs) {
			await pause(waitMs, signal);
			waitMs = Math.min(againAtMostMs, waitMs * 1.5);
			now = await scrape(signal);
			moved = movement(first, now);
		}
		memory.set(definition.url, now);
		movedAt = moved === undefined ? movedAt : now.at;
		if (definition.moves && moved === undefined && !recently()) {
			return { state: 'failed', reason: `none of ${expected} series changes`, asked, evidence: evidence() };
		}
		lastMoved = moved?.name ?? lastMoved;
		const moves = !definition.moves
			? ''
			: isExpected(lastMoved)
				? ', values changing'
				: `, unchanged; ${lastMoved.replace(/\[\]$/, '')} is changing`;
		return { state: 'passed', reason: `${expected} series${moves}`, asked, evidence: evidence() };
	};

	return async (signal) => {
		try {
			return await look(signal);
		} catch (error) {
			memory.delete(definition.url);
			movedAt = undefined;
			return failedOutcome(error, asked);
		}
	};
};

/** @returns the name of a series whose value differs, NaN being equal to NaN; preferably an expected one */
const movementOf =
	(isExpected: (name: string) => boolean) =>
	(before: Scrape, now: Scrape): { name: string; from: number; to: number } | undefined => {
		let other: { name: string; from: number; to: number } | undefined;
		for (const [name, to] of now.values) {
			const from = before.values.get(name);
			if (from !== undefined && !Object.is(from, to)) {
				const found = { name, from, to };
				if (isExpected(name)) {
					return found;
				}
				other ??= found;
			}
		}
		return other;
	};

const describe = (scrape: Scrape, moved: ReturnType<ReturnType<typeof movementOf>>): string => {
	const bad = scrape.badLines > 0 ? `\n${scrape.badLines} lines are not metrics` : '';
	const twice = scrape.twice > 0 ? `\n${scrape.twice} samples occur twice; the first counts` : '';
	return `${scrape.values.size} series${moved === undefined ? '' : `, ${moved.name} went from ${moved.from} to ${moved.to}`}${bad}${twice}`;
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
	new Promise((resolve, reject) => {
		const leave = () => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', leave);
			resolve();
		}, ms);
		signal.addEventListener('abort', leave, { once: true });
	});

export const metrics = defineCheckKind({
	about: 'The metrics can be read, have the expected series, and change',
	keys,
	build,
	run: (definition, { context, snapshots, share }) => checkMetrics(definition, context, snapshots, share),
	runsTwice: ({ moves }) => moves,
});
