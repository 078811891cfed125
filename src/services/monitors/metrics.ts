import { BackoutError } from '../../runbook/errors.ts';
import type { MetricSeries, Reading } from '../../runbook/reading.ts';
import type { MetricsMonitor } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { parseExposition, type Sample, sampleKey } from '../metrics/exposition.ts';
import { parseSelector, type Selector } from '../metrics/selector.ts';
import { type Monitor, startLoop } from './loop.ts';
import { probe } from './probe.ts';
import { createPublisher, type Sink } from './sink.ts';

const maxBytes = 5 * 1024 * 1024;
const historyLength = 60;
export const expositionTypes = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4';

/** One chosen series over time. Several samples that match are added up. */
class Chosen {
	readonly #selector: Selector;
	readonly #rate: boolean;
	#before = new Map<string, number>();
	#beforeAt = 0;

	constructor(selector: Selector, rate: boolean) {
		this.#selector = selector;
		this.#rate = rate;
	}

	/** @returns the value, or the increase a second; undefined when it is not known. */
	read(samples: readonly Sample[], at: number): number | undefined {
		const found = samples.filter((sample) => this.#selector.matches(sample) && !Number.isNaN(sample.value));
		if (!this.#rate) {
			return found.length === 0 ? undefined : sum(found.map(({ value }) => value));
		}
		const now = new Map(found.map((sample) => [sampleKey(sample), sample.value]));
		const seconds = (at - this.#beforeAt) / 1000;
		// A counter that became smaller began anew at 0.
		const increases = [...now].flatMap(([key, value]) => {
			const before = this.#before.get(key);
			return before === undefined ? [] : [value >= before ? value - before : value];
		});
		this.#before = now;
		this.#beforeAt = at;
		return increases.length === 0 || seconds <= 0 ? undefined : sum(increases) / seconds;
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
	const chosen = monitor.series.map(({ series, title, unit, rate }) => {
		const selector = parseSelector(series);
		return { selector, title, unit, name: series, over: new Chosen(selector, rate) };
	});
	const names = new Set(chosen.map(({ selector }) => selector.name));
	let histories: readonly (readonly (number | undefined)[])[] = chosen.map(() => []);

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

	return startLoop({
		host,
		intervalMs: monitor.intervalMs,
		failed: (reason) => publisher.fail(reason),
		look: async (signal) => {
			try {
				const answer = await probe(host, { ...monitor, maxBytes, signal, accept: expositionTypes });
				if (answer.status !== 200) {
					throw new BackoutError('failed', `status ${answer.status}`);
				}
				const { samples } = parseExposition(answer.body.toString('utf8'), (name) => names.has(name));
				const series = take(chosen.map(({ over }) => over.read(samples, Date.now())));
				const missing = chosen.filter(({ selector }) => !samples.some((sample) => selector.matches(sample)));
				const cut = answer.truncated ? 'more than 5 MB of metrics, cut' : undefined;
				publisher.publish(
					series,
					missing.length > 0 || cut ? 'warn' : 'ok',
					missing.length > 0 ? `no series ${missing.map(({ name }) => name).join(', ')}` : cut,
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
