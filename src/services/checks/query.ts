import { shellWord } from '../../runbook/own-command.ts';
import { parseSelector } from '../metrics/selector.ts';
import { asCurl } from '../monitors/request.ts';
import { type Built, type CheckTools, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { failedOutcome } from './failed-outcome.ts';
import type { CheckFunction, MeasuredBefore, Outcome } from './outcome.ts';
import { judgeValue } from './query-bounds.ts';
import { pageReader } from './query-page.ts';
import { askPrometheus } from './query-source.ts';

/** The increase of the divisor without which a share says nothing: fewer requests are chance. */
const leastEvents = 20;
/** Time after which the earlier value is read again, ms: another verification may have passed. */
const beforeForMs = 300_000;

const sources = ['series', 'promql'];
const ofPages = ['of', 'rate', 'over', 'least'];
const ofComparisons = ['factor', 'floor'];
const requestKeys = ['url', 'through', 'headers', 'socket', 'servername', 'ca', 'fingerprint', 'timeout'];
const otherKeys = [
	'kind',
	'title',
	'above',
	'below',
	'for',
	'against',
	'unit',
	...requestKeys,
	...ofPages,
	...ofComparisons,
];

const keys = ({ z, url, request, readable, text, timeLimit, waitingTime }: SchemaParts) => ({
	url: url().describe('URL of a page of metrics, or with promql the URL of a Prometheus'),
	...request(),
	timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
	series: readable(parseSelector)
		.optional()
		.describe('Series of the page, as http_requests_total{code=~"5.."}; several that match are added up'),
	promql: text().optional().describe('An expression for Prometheus that gives one number'),
	of: readable(parseSelector).optional().describe('Series to divide by: the value is the share of `series` in them'),
	rate: z
		.boolean()
		.default(false)
		.describe('For counters: their increase per second in the last while; with `of`, the share of the increases'),
	over: timeLimit().prefault('30s').describe('With rate: the time over which increases are measured'),
	least: z
		.number()
		.min(0)
		.default(leastEvents)
		.describe('With rate and `of`: while `of` has increased by less than this, the result is unknown'),
	above: z.number().optional().describe('The value must be above this'),
	below: z.number().optional().describe('The value must be below this'),
	for: waitingTime().prefault('0s').describe('The time for which the value must have been within its bounds'),
	against: z
		.enum(['before'])
		.optional()
		.describe('before: the value must not be worse than the one when a verification last passed'),
	factor: z
		.number()
		.positive()
		.default(1.5)
		.describe('With against: at most so many times the earlier value; less than 1: at least that part of it'),
	floor: z.number().default(0).describe('With against: a value up to this is never worse'),
	unit: text().optional().describe('Shown after the value'),
});

const build = ({ timeout, over, for: forMs, ...rest }: Entry<typeof keys>) => ({
	...rest,
	timeoutMs: timeout,
	overMs: over,
	forMs,
});
export type QueryCheck = Built<ReturnType<typeof build>>;

/** Describes the value, as an operator would ask for it. */
const question = (definition: QueryCheck): string => {
	const { promql, series = '', of, rate, overMs, timeoutMs } = definition;
	if (promql !== undefined) {
		const url = `${definition.url.replace(/\/*$/, '/')}api/v1/query`;
		return `${asCurl({ ...definition, url }, timeoutMs)} --get --data-urlencode ${shellWord(`query=${promql}`)}`;
	}
	const what = `${series}${of === undefined ? '' : ` / ${of}`}`;
	return `${asCurl(definition, timeoutMs)}: ${what}${rate ? `, increases over ${overMs / 1000} s` : ''}`;
};

/** Reads the earlier value, and keeps it for a while. */
const earlierValue = (id: string, { context }: CheckTools) => {
	let kept: { readonly at: number; readonly value: MeasuredBefore | undefined } | undefined;
	return async (signal: AbortSignal): Promise<MeasuredBefore | undefined> => {
		if (kept === undefined || performance.now() - kept.at > beforeForMs) {
			kept = { at: performance.now(), value: await context.measuredBefore?.(id, signal) };
		}
		return kept.value;
	};
};

/**
 * Passes when a measured value is within its bounds, and has been for as long as asked. Too little measured is unknown, and said to be
 * inconclusive; so is a Prometheus that does not answer. Nothing is remembered from before the newest start of a container.
 */
export const checkQuery = (definition: QueryCheck, tools: CheckTools): CheckFunction => {
	const { context, snapshots } = tools;
	const { promql, through, forMs, against, id } = definition;
	const asked = `${question(definition)}${through === 'host' ? ` (on ${context.host.name})` : ''}`;
	const measure =
		promql === undefined
			? pageReader({ ...definition, series: definition.series ?? '' }, tools)
			: (signal: AbortSignal) => askPrometheus(context.host, definition, promql, signal);
	const before = earlierValue(id, tools);
	/** Since when the value has been within its bounds, ms since the epoch. */
	let within: number | undefined;
	/** Since when there has been a value, and none to compare it with, ms since the epoch. */
	let nothingSince: number | undefined;

	const judge = (value: number, earlier: MeasuredBefore | undefined): Outcome => {
		const now = Date.now();
		const judged = judgeValue(value, definition, earlier, now);
		const outcome = { ...judged, asked, evidence: String(value), measured: value };
		if (judged.state !== 'passed') {
			within = undefined;
			// No waiting brings an earlier value.
			nothingSince = judged.inconclusive === 'nothing-before' ? (nothingSince ?? now) : undefined;
			return { ...outcome, ...(nothingSince !== undefined && { hopelessSince: nothingSince }) };
		}
		within ??= now;
		const heldMs = now - within;
		return heldMs >= forMs
			? outcome
			: {
					...outcome,
					state: 'unknown',
					inconclusive: 'too-little',
					reason: `inconclusive: ${judged.reason}, within its bounds for ${Math.floor(heldMs / 1000)} of ${forMs / 1000} s`,
				};
	};

	return async (signal) => {
		try {
			await snapshots.take(signal).catch(() => undefined);
			if (within !== undefined && within < (snapshots.newestStart() ?? 0)) {
				within = undefined;
			}
			const [read, earlier] = await Promise.all([measure(signal), against === undefined ? undefined : before(signal)]);
			if ('none' in read) {
				within = undefined;
				return read.tooLittle
					? { state: 'unknown', inconclusive: 'too-little', reason: `inconclusive: ${read.none}`, asked, evidence: '' }
					: { state: 'unknown', reason: read.none, asked, evidence: '' };
			}
			return judge(read.value, earlier);
		} catch (error) {
			within = undefined;
			return failedOutcome(error, asked);
		}
	};
};

export const query = defineCheckKind({
	about:
		'A figure of a page of metrics, or of a Prometheus, is within its bounds. With too few samples it is unknown and said to be inconclusive',
	keys,
	check: (entry, _scripts, { child, exactlyOne }, report) => {
		exactlyOne(entry, 'check "query"', sources, otherKeys, report);
		if (child(entry, 'promql') !== undefined) {
			for (const key of ofPages) {
				const node = child(entry, key);
				if (node !== undefined) {
					report(node, `"${key}" counts only together with "series": PromQL has its own way to say it`);
				}
			}
		}
		if (entry.kind === 'map' && !['above', 'below', 'against'].some((key) => child(entry, key) !== undefined)) {
			report(entry, 'a check "query" has at least one of: above, below, against');
		}
		for (const key of ofComparisons) {
			const node = child(entry, key);
			if (node !== undefined && child(entry, 'against') === undefined) {
				report(node, `"${key}" counts only together with "against"`);
			}
		}
	},
	build,
	run: (definition, tools) => checkQuery(definition, tools),
	comparesWithBefore: ({ against }) => against === 'before',
	decisive: true,
});
