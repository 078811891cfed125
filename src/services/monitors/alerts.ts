import { BackoutError } from '../../runbook/errors.ts';
import type { AlertReading, Reading, ReadingState } from '../../runbook/reading.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import type { Host } from '../host/host.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';
import { type Monitor, startPoller } from './poller.ts';
import { probe } from './probe.ts';
import { markQuiet } from './quiet-alerts.ts';
import { createPublisher, type Sink } from './sink.ts';

const schema = ({ z, mapping, url, request, pollInterval, timeLimit, regex }: SchemaParts) =>
	mapping('alerts monitor', {
		url: url().describe('The base URL of an Alertmanager'),
		...request(),
		interval: pollInterval().prefault('15s').describe('Time between two polls'),
		timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
		ignore: z
			.array(regex('u'))
			.default([])
			.describe(
				'Names of alerts that are shown but do not count: regular expressions (JavaScript, flag u) for the whole name. Watchdog, InfoInhibitor and what is of severity none are always among them, and so is what fired before the newest container of the project was made',
			),
	});

const build = ({ interval, timeout, ...rest }: Entry<typeof schema>) => ({
	...rest,
	intervalMs: interval,
	timeoutMs: timeout,
});

/** The settings for an Alertmanager's alerts, and which of them do not count. */
export type AlertsMonitor = ReturnType<typeof build>;

const maxBytes = 4 * 1024 * 1024;

interface RawAlert {
	labels: Record<string, unknown>;
	annotations?: Record<string, unknown>;
	startsAt?: unknown;
	status?: { state?: unknown };
}

const severityRank = (severity: string | undefined): number =>
	['critical', 'page', 'error', 'high', 'warning', 'info'].indexOf(severity?.toLowerCase() ?? '') + 1 || 9;

const isAlert = (entry: unknown): entry is RawAlert => {
	const labels: unknown = (entry as Partial<RawAlert> | null)?.labels;
	return typeof labels === 'object' && labels !== null;
};

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 1000) : undefined);

/** Returns a text that the rule's author filled in from labels and values. */
const shown = (value: unknown): string | undefined => {
	const given = text(value);
	return given === undefined ? undefined : maskSecrets(given);
};

/** Parses Alertmanager's `GET /api/v2/alerts`: the worst first, then the oldest. Throws for anything else. */
const parseAlerts = (json: string): readonly AlertReading[] => {
	const raw: unknown = JSON.parse(json);
	if (!Array.isArray(raw)) {
		throw new Error('not a list of alerts');
	}
	if (!raw.every(isAlert)) {
		throw new Error('not all of the list are alerts');
	}
	return raw
		.filter((alert) => (alert.status?.state ?? 'active') === 'active')
		.map(({ labels, annotations, startsAt }) => ({
			name: text(labels.alertname) ?? 'unnamed',
			severity: text(labels.severity),
			summary: shown(annotations?.summary) ?? shown(annotations?.description),
			startsAt: Date.parse(text(startsAt) ?? '') || 0,
		}))
		.sort(
			(a, b) =>
				severityRank(a.severity) - severityRank(b.severity) || a.startsAt - b.startsAt || a.name.localeCompare(b.name),
		);
};

const stateOf = (alerts: readonly AlertReading[]): ReadingState => {
	if (alerts.length === 0) {
		return 'ok';
	}
	return alerts.some(({ severity }) => severityRank(severity) <= 4) ? 'down' : 'warn';
};

/** Reads the alerts that fire and that nobody has silenced. Throws `failed` for an invalid response. */
export const readAlerts = async (
	host: Host,
	monitor: AlertsMonitor,
	signal?: AbortSignal,
): Promise<readonly AlertReading[]> => {
	const url = `${monitor.url.replace(/\/+$/, '')}/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false`;
	const answer = await probe(host, { ...monitor, url, maxBytes, signal });
	if (answer.status !== 200) {
		throw new BackoutError('failed', `Alertmanager answered with status ${answer.status}`);
	}
	if (answer.truncated) {
		throw new BackoutError('failed', 'more than 4 MB of alerts, cut off');
	}
	try {
		return parseAlerts(answer.body.toString('utf8'));
	} catch {
		throw new BackoutError('failed', 'the answer is not what Alertmanager gives');
	}
};

const counted = (count: number): string => (count === 1 ? '1 alert fires' : `${count} alerts fire`);

/**
 * Monitors the alerts that fire and that nobody has silenced. Quiet ones (see `markQuiet`) are included and do not count.
 *
 * @param deployedAt creation of the newest container, ms by the host's clock; undefined when it is not known
 */
export const watchAlerts = (
	host: Host,
	monitor: AlertsMonitor,
	sink: Sink<Reading<readonly AlertReading[]>>,
	deployedAt: () => number | undefined = () => undefined,
): Monitor => {
	const publisher = createPublisher(sink, {
		maxAgeMs: 2 * monitor.intervalMs + monitor.timeoutMs,
		same: (a: readonly AlertReading[], b: readonly AlertReading[]) => JSON.stringify(a) === JSON.stringify(b),
	});
	return startPoller({
		host,
		intervalMs: monitor.intervalMs,
		failed: (reason) => publisher.fail(reason),
		poll: async (signal) => {
			const alerts = markQuiet(await readAlerts(host, monitor, signal), monitor.ignore, deployedAt());
			const loud = alerts.filter(({ quiet }) => quiet === undefined);
			publisher.publish(
				[...loud, ...alerts.filter(({ quiet }) => quiet !== undefined)],
				stateOf(loud),
				loud.length === 0 ? undefined : counted(loud.length),
			);
		},
	});
};

/** Alerts of an Alertmanager. */
export const alerts = defineMonitor({
	about: 'Alerts of an Alertmanager',
	schema,
	build,
	reads: 'The alerts that fire',
	value: ({ alertsValue }) => alertsValue,
	start: (config, { host, sink, deployedAt }) => watchAlerts(host, config, sink, deployedAt),
	title: 'alerts',
	status: (value: readonly AlertReading[] | undefined, { safe, age, plural, now }) =>
		value === undefined
			? { text: 'alerts' }
			: {
					text: plural(value.length, 'alert'),
					more: value.map(
						({ name, severity = '', summary = '', startsAt }) =>
							`${safe(name)} ${safe(severity)} since ${age(now - startsAt)}: ${safe(summary)}`,
					),
				},
	facts: (value) => [
		value.length === 0 ? 'none' : undefined,
		...value.map(({ name, severity, startsAt, quiet }) =>
			[name, severity, `since ${new Date(startsAt).toISOString()}`, quiet && `(${quiet})`].filter(Boolean).join(' '),
		),
	],
});
