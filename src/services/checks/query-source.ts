import { BackoutError } from '../../runbook/errors.ts';
import type { HttpRequest } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { parseExposition, sampleKey } from '../metrics/exposition.ts';
import type { Selector } from '../metrics/selector.ts';
import { expositionTypes } from '../monitors/metrics.ts';
import { probe } from '../monitors/probe.ts';
import type { Counters } from './query-window.ts';

/** The largest page of metrics that is read, bytes. */
const pageBytes = 5 * 1024 * 1024;
const answerBytes = 256 * 1024;
const maxSamples = 20_000;

/** A request for figures. */
export interface QueryRequest extends Partial<HttpRequest> {
	readonly url: string;
	readonly through: HttpRequest['through'];
	readonly timeoutMs: number;
}

/** A value, or the reason why there is none: too little was measured, or something else. */
export type Read<T> = { readonly value: T } | { readonly none: string; readonly tooLittle?: true };

/**
 * Reads the samples of a page of metrics that selectors match, once for each selector. Of duplicate samples the first one counts, and what
 * is not a number is left out. Rejects with a BackoutError `failed` when the page cannot be had.
 */
export const readPage = async (
	host: Host,
	request: QueryRequest,
	selectors: readonly Selector[],
	signal: AbortSignal,
): Promise<Read<readonly Counters[]>> => {
	const answer = await probe(host, { ...request, maxBytes: pageBytes, signal, accept: expositionTypes });
	if (answer.status !== 200) {
		throw new BackoutError('failed', `status ${answer.status} instead of 200`);
	}
	if (answer.truncated) {
		return { none: 'more than 5 MB of metrics, cut off' };
	}
	const names = new Set(selectors.map(({ name }) => name));
	const { samples } = parseExposition(answer.body.toString('utf8'), (name) => names.has(name), maxSamples);
	if (samples.length >= maxSamples) {
		return { none: `more than ${maxSamples} series, cut off` };
	}
	const at = Date.now();
	return {
		value: selectors.map((selector) => {
			const values = new Map<string, number>();
			for (const sample of samples) {
				if (selector.matches(sample) && !values.has(sampleKey(sample)) && !Number.isNaN(sample.value)) {
					values.set(sampleKey(sample), sample.value);
				}
			}
			return { at, values };
		}),
	};
};

/** The answer of Prometheus to an instant query (Prometheus, "HTTP API"), as far as it is used. */
interface PrometheusAnswer {
	readonly status?: unknown;
	readonly error?: unknown;
	readonly data?: { readonly resultType?: unknown; readonly result?: unknown };
}

const parseAnswer = (body: Buffer): PrometheusAnswer | undefined => {
	try {
		const answer: unknown = JSON.parse(body.toString('utf8'));
		return typeof answer === 'object' && answer !== null ? answer : undefined;
	} catch {
		return undefined;
	}
};

/** Reads `[time, "value"]`: values are texts, since JSON has neither NaN nor infinities. */
const numberOf = (sample: unknown): number | undefined => {
	const text: unknown = Array.isArray(sample) ? sample[1] : undefined;
	if (typeof text !== 'string') {
		return undefined;
	}
	const infinite = /^([+-]?)Inf$/.exec(text);
	return infinite === null ? Number(text) : infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

const oneNumber = ({ resultType, result }: NonNullable<PrometheusAnswer['data']>): Read<number> => {
	const all: readonly unknown[] = Array.isArray(result) ? result : [];
	if (resultType !== 'scalar' && resultType !== 'vector') {
		return { none: `the expression gives a ${String(resultType).slice(0, 20)}, not one number` };
	}
	if (resultType === 'vector' && all.length === 0) {
		return { none: 'the expression gives nothing' };
	}
	if (resultType === 'vector' && all.length > 1) {
		return { none: `the expression gives ${all.length} series, not one: aggregate them, such as by sum(…)` };
	}
	const value = numberOf(resultType === 'scalar' ? all : (all[0] as { value?: unknown } | null)?.value);
	return value === undefined || Number.isNaN(value) ? { none: 'the expression gives no number' } : { value };
};

/**
 * Evaluates a PromQL expression. Whatever Prometheus does not answer says nothing about the service that is asked about: it is no value,
 * and not a failure.
 */
export const askPrometheus = async (
	host: Host,
	request: QueryRequest,
	promql: string,
	signal: AbortSignal,
): Promise<Read<number>> => {
	const base = request.url.replace(/\/*$/, '/');
	const url = `${new URL('api/v1/query', base).href}?query=${encodeURIComponent(promql)}`;
	let answer: Awaited<ReturnType<typeof probe>>;
	try {
		answer = await probe(host, { ...request, url, maxBytes: answerBytes, signal, accept: 'application/json' });
	} catch (error) {
		if (error instanceof BackoutError && error.code === 'failed') {
			return { none: `Prometheus: ${error.message}` };
		}
		throw error;
	}
	const said = answer.truncated ? undefined : parseAnswer(answer.body);
	if (said?.status === 'success' && said.data !== undefined && said.data !== null) {
		return oneNumber(said.data);
	}
	const why =
		typeof said?.error === 'string'
			? said.error
			: answer.status === 200
				? 'the answer is not one of its HTTP API'
				: `status ${answer.status}`;
	return { none: `Prometheus: ${why.slice(0, 200)}` };
};
