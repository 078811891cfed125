import { BackoutError } from '../../runbook/errors.ts';
import type { MetricSeries, Reading } from '../../runbook/reading.ts';
import type { Host } from '../host/host.ts';
import { parseExposition, type Sample, sampleKey } from '../metrics/exposition.ts';
import { linesWith } from '../metrics/lines-with.ts';
import { parseSelector, type Selector } from '../metrics/selector.ts';
import { type ChosenSeries, firstGauges } from './chosen-series.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';
import { type Monitor, startPoller } from './poller.ts';
import { probe } from './probe.ts';
import { createPublisher, type Sink } from './sink.ts';

const schema = ({ z, mapping, text, readable, url, request, pollInterval, timeLimit }: SchemaParts) =>
	mapping('metrics monitor', {
		url: url().describe('URL of the metrics, in the text format of Prometheus'),
		...request(),
		interval: pollInterval().prefault('5s').describe('Time between two polls'),
		timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
		series: z
			.array(
				mapping('series', {
					series: readable(parseSelector).describe(
						'Name of the series, optionally with label matchers: http_requests_total{code="500"}; a name with dots is written {"http.requests"}',
					),
					title: text().optional().describe('Shown instead of the name'),
					unit: z.string().optional().describe('Shown after the value'),
					rate: z.boolean().default(false).describe('Show the increase per second instead of the value; for counters'),
				}).describe('One series to show'),
			)
			.default([])
			.describe('The series to show'),
		prefix: z.string().optional().describe('Without series: show the first gauges whose names have this prefix'),
	});

const build = ({ interval, timeout, series, ...rest }: Entry<typeof schema>) => ({
	...rest,
	intervalMs: interval,
	timeoutMs: timeout,
	series: series.map((one) => ({ ...one, title: one.title ?? one.series })),
});

/** The page, and the series of it that are shown. */
export type MetricsMonitor = ReturnType<typeof build>;

const maxBytes = 5 * 1024 * 1024;
const historyLength = 60;
/** Maximum number of chosen series; the screen's own thread processes each. */
const maxSamples = 20_000;
const tooMany = 'more than 5 MB of metrics, cut off';
const tooManySeries = `more than ${maxSamples} series, cut off`;
export const expositionTypes = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4';

interface Seen {
	readonly value: number | undefined;
	readonly trouble?: 'absent' | 'twice' | 'no number';
}

/** One chosen series over time. Several samples that match are added up. */
class SeriesSelection {
	readonly #selector: Selector;
	readonly #rate: boolean;
	#before = new Map<string, number>();
	#beforeAt = 0;

	constructor(selector: Selector, rate: boolean) {
		this.#selector = selector;
		this.#rate = rate;
	}

	/** @returns the value, or the increase per second; undefined when it is not known. Of duplicate samples the first counts */
	read(samples: readonly Sample[], at: number): Seen {
		const matching = samples.filter((sample) => this.#selector.matches(sample));
		const distinct = new Map(matching.toReversed().map((sample) => [sampleKey(sample), sample]));
		const found = [...distinct.values()].filter(({ value }) => !Number.isNaN(value));
		// Infinities of both signs have no sum.
		const total = found.length === 0 ? Number.NaN : sum(found.map(({ value }) => value));
		const seen = {
			trouble:
				matching.length === 0
					? ('absent' as const)
					: distinct.size < matching.length
						? ('twice' as const)
						: Number.isNaN(total)
							? ('no number' as const)
							: undefined,
		};
		if (!this.#rate) {
			return { ...seen, value: Number.isNaN(total) ? undefined : total };
		}
		const now = new Map(found.map((sample) => [sampleKey(sample), sample.value]));
		const seconds = (at - this.#beforeAt) / 1000;
		// A counter that became smaller started again at 0.
		const increases = [...now].flatMap(([key, value]) => {
			const before = this.#before.get(key);
			return before === undefined || !Number.isFinite(value) || !Number.isFinite(before)
				? []
				: [value >= before ? value - before : value];
		});
		this.#before = now;
		this.#beforeAt = at;
		return { ...seen, value: increases.length === 0 || seconds <= 0 ? undefined : sum(increases) / seconds };
	}
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Scrapes a metrics endpoint and keeps the chosen series with their last values. */
export const watchMetrics = (
	host: Host,
	monitor: MetricsMonitor,
	sink: Sink<Reading<readonly MetricSeries[]>>,
): Monitor => {
	const publisher = createPublisher(sink, { maxAgeMs: 2 * monitor.intervalMs + monitor.timeoutMs, renewMs: 0 });
	const over = (series: readonly ChosenSeries[]) =>
		series.map((one) => ({ ...one, over: new SeriesSelection(one.selector, one.rate) }));
	let chosen = over(
		monitor.series.map(({ series, ...rest }) => ({ ...rest, name: series, selector: parseSelector(series) })),
	);
	let names = new Set(chosen.map(({ selector }) => selector.name));
	// When it is monitored again after a while, its history continues.
	const before = new Map(sink.get().value?.map(({ name, history }) => [name, history]));
	let histories: readonly (readonly (number | undefined)[])[] = chosen.map(({ name }) => before.get(name) ?? []);
	/** If the runbook names no series, take those of the page. */
	const choose = (page: string) => {
		if (monitor.prefix !== undefined && monitor.series.length === 0 && chosen.length === 0) {
			chosen = over(firstGauges(page, monitor.prefix));
			names = new Set(chosen.map(({ selector }) => selector.name));
			histories = chosen.map(({ name }) => before.get(name) ?? []);
		}
	};

	const take = (values: readonly (number | undefined)[]): readonly MetricSeries[] => {
		histories = histories.map((history, at) => [...history, values[at]].slice(-historyLength));
		return chosen.map(({ name, title, unit }, at) => ({
			name,
			title,
			unit,
			value: values[at],
			history: histories[at] ?? [],
		}));
	};

	return startPoller({
		host,
		intervalMs: monitor.intervalMs,
		failed: (reason) => publisher.fail(reason),
		poll: async (signal) => {
			try {
				const answer = await probe(host, { ...monitor, maxBytes, signal, accept: expositionTypes, share: true });
				if (answer.status !== 200) {
					throw new BackoutError('failed', `status ${answer.status}`);
				}
				if (chosen.length === 0) {
					choose(answer.body.toString('utf8'));
				}
				const isChosen = (name: string) => names.has(name);
				const { samples } = parseExposition(linesWith(answer.body, names), isChosen, maxSamples);
				// Without a sample, the whole response decides if it is metrics.
				const { badLines } =
					samples.length > 0 ? { badLines: 0 } : parseExposition(answer.body.toString('utf8'), isChosen);
				if (samples.length === 0 && (badLines > 0 || answer.truncated || answer.body.length === 0)) {
					const bad = badLines === 1 ? '1 bad line' : `${badLines} bad lines`;
					const what = answer.body.length === 0 ? 'the answer is empty' : `the answer is not metrics (${bad})`;
					throw new BackoutError('failed', answer.truncated ? `${what}; ${tooMany}` : what);
				}
				const seen = chosen.map(({ over }) => over.read(samples, Date.now()));
				const named = (trouble: Seen['trouble']) =>
					chosen.filter((_, at) => seen[at]?.trouble === trouble).map(({ name }) => name);
				const troubles = [
					...(named('absent').length > 0 ? [`no series ${named('absent').join(', ')}`] : []),
					...named('no number').map((name) => `${name} is not a number`),
					...named('twice').map((name) => `${name} occurs twice`),
					...(answer.truncated ? [tooMany] : []),
					...(samples.length === maxSamples ? [tooManySeries] : []),
				];
				publisher.publish(
					// If not all samples were read, their sum is unknown.
					take(seen.map(({ value }) => (samples.length === maxSamples ? undefined : value))),
					troubles.length > 0 ? 'warn' : 'ok',
					troubles.length > 0 ? troubles.join('; ') : undefined,
				);
			} catch (error) {
				if (signal.aborted || !(error instanceof BackoutError) || error.code !== 'failed') {
					throw error;
				}
				publisher.publish(take(chosen.map(() => undefined)), 'down', error.message);
			}
		},
	});
};

/** A page of Prometheus metrics. */
export const metrics = defineMonitor({
	about: 'A page of Prometheus metrics',
	schema,
	build,
	reads: 'The chosen series',
	value: ({ metricsValue }) => metricsValue,
	start: (config, { host, sink }) => watchMetrics(host, config, sink),
	title: 'metrics',
	status: (value: readonly MetricSeries[] | undefined, { safe, figure }) => ({
		text: [
			'metrics',
			...(value ?? []).map(
				(series) =>
					`${safe(series.title)} ${series.value === undefined ? 'unknown' : `${figure(series.value)}${safe(series.unit ?? '')}`}`,
			),
		].join('  '),
	}),
	facts: (value) =>
		value.map(
			(series) => `${series.title} ${series.value === undefined ? 'unknown' : `${series.value}${series.unit ?? ''}`}`,
		),
});
