import { afterEach, describe, expect, test } from 'vitest';
import { type MetricSeries, type Reading, type ReadingState, unread } from '../../src/runbook/reading.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { startChecks } from '../../src/services/checks/check-runner.ts';
import type { CheckedOutcome } from '../../src/services/checks/outcome.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { watchAlerts } from '../../src/services/monitors/alerts.ts';
import { watchMetrics } from '../../src/services/monitors/metrics.ts';
import { createStore } from '../../src/stores/store.ts';
import { until } from '../helpers/until.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { badUtf8, pours, says } from './answers.ts';
import { type Answer, type FaultyServer, startFaulty } from './faulty-server.ts';

const target = { project: 'x', directory: '/', projectGiven: true };

/** Time limit for anything that must happen, on a loaded machine, ms. */
const patience = 60_000;
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) {
		await close();
	}
});

const setUp = async (answer: Answer): Promise<{ server: FaultyServer; host: LocalHost; url: string }> => {
	const server = await startFaulty(answer);
	const host = new LocalHost({ env: { PATH: '/nonexistent' } });
	open.push(
		() => host.close(),
		() => server.close(),
	);
	return { server, host, url: `http://127.0.0.1:${server.port}` };
};
const asking = { through: 'host' as const, intervalMs: 200, timeoutMs: 20_000 };
const ok = (body: string | Buffer) => says('200 OK', body);

/** Each scrape gives the next; the last one again and again. */
const inTurn = (...answers: readonly Answer[]): Answer => {
	let turn = 0;
	return (to) => answers[Math.min(turn++, answers.length - 1)]?.(to);
};

interface MetricsFault {
	readonly name: string;
	readonly answer: Answer;
	readonly state: ReadingState;
	readonly says?: RegExp;
	readonly value?: number;
	/** The check that series are there and move. */
	readonly check: RegExp;
}

const manySeries = Array.from({ length: 100_000 }, (_, at) => `nav{instrument="i${at}"} ${at}\n`).join('');

const metricsFaults: readonly MetricsFault[] = [
	{
		name: 'garbage',
		answer: ok(badUtf8),
		state: 'down',
		says: /not metrics/,
		check: /^failed: no series begins with nav/,
	},
	{ name: 'nothing', answer: ok(''), state: 'down', says: /empty/, check: /^failed: no series begins with nav/ },
	{
		name: 'HTML',
		answer: ok('<!DOCTYPE html>\n<html><body>nginx</body></html>\n'),
		state: 'down',
		says: /not metrics/,
		check: /^failed: no series begins with nav/,
	},
	{
		name: '50 MB',
		answer: pours('nav 1\n'.repeat(10_000), 50_000_000),
		state: 'warn',
		says: /more than 5 MB of metrics, cut off/,
		check: /^unknown: more than 5 MB of metrics, cut off/,
	},
	{
		name: 'a series that occurs twice, in another order each time',
		answer: inTurn(ok('nav 1\nnav 2\n')),
		state: 'warn',
		says: /nav occurs twice/,
		value: 1,
		check: /^failed: none of 1 series changes/,
	},
	{ name: 'NaN', answer: ok('nav NaN\n'), state: 'warn', says: /nav is not a number/, check: /^failed: none of 1/ },
	{
		name: 'infinities that cancel out',
		answer: ok('nav{b="1"} +Inf\nnav{b="2"} -Inf\n'),
		state: 'warn',
		says: /nav is not a number/,
		check: /^failed: none of 2/,
	},
	{
		name: '100,000 series',
		answer: ok(manySeries),
		state: 'warn',
		says: /more than .* cut/,
		check: /^failed: none of 20000/,
	},
	{
		name: 'a number, then a histogram',
		answer: inTurn(ok('nav 1\n'), ok('# TYPE nav histogram\nnav_bucket{le="1"} 1\nnav_sum 1\nnav_count 1\n')),
		state: 'warn',
		says: /no series nav/,
		check: /^(failed|unknown): /,
	},
	{
		name: 'a number, then a text',
		answer: inTurn(ok('nav 1\n'), ok('nav much\n')),
		state: 'down',
		says: /not metrics \(1 bad lines?\)/,
		check: /^failed: no series begins with nav, 1/,
	},
	{
		name: 'a line of 1 MB',
		answer: ok(`nav{x="${'y'.repeat(1_000_000)}`),
		state: 'down',
		says: /not metrics/,
		check: /^failed: no series begins with nav, 1/,
	},
];

describe('metrics', () => {
	test.each(metricsFaults.map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
		const { host, url, server } = await setUp(fault.answer);
		const reading = createStore<Reading<readonly MetricSeries[]>>(unread(0));
		const series = [{ series: 'nav', title: 'NAV', rate: false }];
		const monitor = watchMetrics(host, { ...asking, url, series }, reading);
		const seen = await until(
			reading,
			({ state, reason }) => state === fault.state && (fault.says?.test(reason ?? '') ?? true),
		);
		expect(seen.value?.[0]?.value).toBe(fault.value);
		monitor.stop();

		const looked = createStore<CheckedOutcome | undefined>(undefined);
		const check = {
			kind: 'metrics',
			id: 'm',
			title: 'M',
			url,
			prefix: 'nav',
			moves: true,
			...asking,
		} as CheckDefinition;
		const looks = startChecks(
			{ ...watchedCompose(host, target), target },
			{ checks: [check], intervalMs: 1000, onResult: looked.set },
		);
		open.unshift(() => looks.stop());
		await until(
			looked,
			(result) => result !== undefined && fault.check.test(`${result.state}: ${result.reason}`),
			patience,
		);
		looks.stop();
		await host.close();
		await server.allClosed();
		expect(server.mostSent).toBeLessThan(40 * 1024 * 1024);
	});
});

const notAlertmanager = /not what Alertmanager gives/;
const alertsFaults: readonly (readonly [string, Answer, RegExp])[] = [
	['garbage', ok(badUtf8), notAlertmanager],
	['HTML', ok('<html>'), notAlertmanager],
	['an object', ok('{"status":"success","data":[]}'), notAlertmanager],
	['null', ok('null'), notAlertmanager],
	['entries that are no alerts', ok('[1, null, "a", []]'), notAlertmanager],
	['labels that are null', ok('[{"labels": null}]'), notAlertmanager],
	['cut in the middle', ok('[{"labels": {"alertname": "Down"'), notAlertmanager],
	['nested ten thousand deep', ok('['.repeat(10_000)), notAlertmanager],
	['10 MB of alerts', pours(`[${'{"labels":{"alertname":"Down"}},'.repeat(2000)}`, 10_000_000), /more than 4 MB/],
];

describe('Alertmanager', () => {
	test.each(alertsFaults)('%s: unknown, not quiet', async (_, answer, why) => {
		const { host, url, server } = await setUp(answer);
		const reading = createStore<Reading<unknown>>(unread(0));
		const monitor = watchAlerts(host, { ...asking, url, ignore: [] }, reading as never);
		const seen = await until(reading, ({ reason }) => why.test(reason ?? ''), patience);
		expect([seen.state, seen.value]).toEqual(['unknown', undefined]);
		monitor.stop();
		await host.close();
		await server.allClosed();
	});

	test('values of other types than they should be: the alert is there, without them', async () => {
		const body =
			'[{"labels": {"alertname": {"a": 1}, "severity": 5}, "annotations": {"summary": ["x"]}, "startsAt": {}}]';
		const { host, url } = await setUp(ok(body));
		const reading = createStore<Reading<unknown>>(unread(0));
		const monitor = watchAlerts(host, { ...asking, url, ignore: [] }, reading as never);
		const seen = await until(reading, ({ reason }) => reason === '1 alert fires', patience);
		expect(seen.value).toEqual([{ name: 'unnamed', severity: undefined, summary: undefined, startsAt: 0 }]);
		monitor.stop();
	});
});
