import { BackoutError } from '../../runbook/errors.ts';
import type { HealthReading, Reading } from '../../runbook/reading.ts';
import type { Timed } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { firstLine, healthBytes, unexpected } from './expectation.ts';
import { defineListMonitor } from './list-monitor-kind.ts';
import type { Entry, SchemaParts } from './monitor-kind.ts';
import { type Monitor, startPoller } from './poller.ts';
import { probe } from './probe.ts';
import { createPublisher, type Sink } from './sink.ts';

const schema = ({ mapping, text, url, request, pollInterval, timeLimit, expectation }: SchemaParts) =>
	mapping('health monitor', {
		name: text().describe('Shown beside the state'),
		url: url().describe('The URL to request'),
		...request(),
		interval: pollInterval().prefault('5s').describe('Time between two polls'),
		timeout: timeLimit().prefault('5s').describe('How long one look may take'),
		expect: expectation(),
	}).describe('An HTTP endpoint to poll');

/** A health endpoint that is polled. */
export type HealthMonitor = Timed<Entry<typeof schema>>;

const historyLength = 60;

/** Polls a health endpoint. One that does not respond is down; without the link it is unknown. */
export const watchHealth = (host: Host, monitor: HealthMonitor, sink: Sink<Reading<HealthReading>>): Monitor => {
	const publisher = createPublisher(sink, { maxAgeMs: 2 * monitor.intervalMs + monitor.timeoutMs, renewMs: 0 });
	// When it is monitored again after a while, its history continues.
	let history = sink.get().value?.history ?? [];
	const remember = (latencyMs: number | undefined) => {
		history = [...history, latencyMs].slice(-historyLength);
		return history;
	};
	return startPoller({
		host,
		intervalMs: monitor.intervalMs,
		failed: (reason) => publisher.fail(reason),
		poll: async (signal) => {
			try {
				const answer = await probe(host, { ...monitor, maxBytes: healthBytes, signal, share: true });
				const { status, latencyMs, body } = answer;
				const why = unexpected(answer, monitor.expect);
				publisher.publish(
					{ status, latencyMs, history: remember(latencyMs), body: firstLine(body) },
					why === undefined ? 'ok' : 'down',
					why,
				);
			} catch (error) {
				if (signal.aborted || !(error instanceof BackoutError) || error.code !== 'failed') {
					throw error;
				}
				publisher.publish({ history: remember(undefined) }, 'down', error.message);
			}
		},
	});
};

/** Health endpoints. */
export const health = defineListMonitor({
	about: 'HTTP endpoints to poll',
	schema,
	build: ({ interval, timeout, ...rest }): HealthMonitor => ({ ...rest, intervalMs: interval, timeoutMs: timeout }),
	named: ({ name, url }: HealthMonitor) => ({ name, url }),
	reads: 'The health endpoints',
	names: ({ text }) => ({ name: text('Name of the endpoint in the runbook'), url: text('URL that is requested') }),
	value: ({ healthValue }) => healthValue,
	start: (config, { host, sink }) => watchHealth(host, config, sink),
	// A container's start or end affects the response of an endpoint.
	refreshOn: ['status', 'startedAt'],
	title: ({ name }) => `health ${name}`,
	status: ({ name }, value: HealthReading | undefined, { safe, milliseconds }) => {
		const came = [
			...(value?.status === undefined ? [] : [String(value.status)]),
			...(value?.latencyMs === undefined ? [] : [milliseconds(value.latencyMs)]),
		].join(', ');
		return `health ${safe(name)} ${came}`.trimEnd();
	},
	facts: ({ url }, value) => [
		value?.status === undefined ? undefined : String(value.status),
		value?.latencyMs === undefined ? undefined : `${Math.round(value.latencyMs)} ms`,
		url,
	],
});
