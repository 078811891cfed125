import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CheckContext, MeasuredBefore } from '../../src/services/checks/outcome.ts';
import { query } from '../../src/services/checks/query.ts';
import { createQueryWindow } from '../../src/services/checks/query-window.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';

let host: LocalHost;
let server: TestServer;
/** What the page has, and what Prometheus answers. */
let page: string | (() => string);
let prometheus: unknown;
let asked: string[];

beforeAll(async () => {
	host = new LocalHost();
	server = await serve((request, response) => {
		asked.push(request.url ?? '');
		if (request.url?.startsWith('/prometheus/api/v1/query?') === true) {
			response.end(JSON.stringify(prometheus));
		} else {
			response.end(typeof page === 'string' ? page : page());
		}
	});
});
beforeEach(() => {
	asked = [];
});
afterAll(async () => {
	await server.close();
	await host.close();
});

interface Options {
	readonly before?: MeasuredBefore;
	/** The newest start of a container, ms since the epoch. */
	readonly start?: () => number;
}

/** Makes the check as the runbook's entry says it, with the defaults of the schema. */
const checkOf = async (entry: string, { before, start = () => 0 }: Options = {}) => {
	const { loadRunbook } = await import('../../src/services/runbook-file/load-runbook.ts');
	const text = `title: x\nchecks:\n  errors: { kind: query, url: '${server.url}${entry.includes('promql') ? '/prometheus' : '/metrics'}', ${entry} }\nprocedures: {}\n`;
	const { checks } = loadRunbook(text, 'r.yaml', { readRunbook: () => undefined });
	const context = { host, measuredBefore: async () => before } as unknown as CheckContext;
	const snapshots = { take: async () => ({}), newestStart: start };
	return query.run(checks[0] as never, { context, snapshots } as never);
};
const now = () => AbortSignal.timeout(20_000);

/** A page of a service that has answered so many requests, some of them with errors. */
const served = (all: number, errors?: number) =>
	[
		`http_requests_total{code="200"} ${all - (errors ?? 0)}`,
		...(errors === undefined ? [] : [`http_requests_total{code="500"} ${errors}`]),
		'queue_length 7',
	].join('\n');
/** A page of a service that goes on answering: at each request for the page a hundred more, some of them with errors. */
const serving = (errors: number) => {
	let all = 1000;
	let failed = 0;
	return () => {
		[all, failed] = [all + 100, failed + errors];
		// Errors appear on the page with the first one.
		return served(all, failed === 0 ? undefined : failed);
	};
};
const share = 'series: \'http_requests_total{code=~"5.."}\', of: http_requests_total, rate: true, below: 0.05';

describe('a value of a page', () => {
	test('is compared with its bounds', async () => {
		page = served(100);
		expect(await (await checkOf('series: queue_length, below: 10, unit: jobs'))(now())).toMatchObject({
			state: 'passed',
			reason: '7 jobs',
			measured: 7,
		});
		expect(await (await checkOf('series: queue_length, below: 5'))(now())).toMatchObject({
			state: 'failed',
			reason: '7, not below 5',
		});
		expect(await (await checkOf('series: queue_length, above: 7'))(now())).toMatchObject({ state: 'failed' });
	});

	test('is unknown when the page does not have it, and fails when there is no page', async () => {
		page = served(100);
		expect(await (await checkOf('series: nothing, below: 5'))(now())).toMatchObject({
			state: 'unknown',
			reason: 'the page has no series nothing',
		});
		const gone = await serve((_, response) => response.writeHead(502).end());
		const check = await checkOf(`series: queue_length, below: 5`);
		await gone.close();
		page = '';
		expect(await check(now())).toMatchObject({ state: 'unknown' });
	});

	test('may be a share of other series; nothing divided by nothing is inconclusive', async () => {
		page = served(200, 50);
		const plain = share.replace(', rate: true', '');
		expect(await (await checkOf(plain))(now())).toMatchObject({ state: 'failed', reason: '0.25, not below 0.05' });
		page = served(0, 0);
		expect(await (await checkOf(plain))(now())).toMatchObject({ state: 'unknown', inconclusive: 'too-little' });
	});
});

describe('increases', () => {
	test('a fifth of the requests fails, though the service answers', async () => {
		const check = await checkOf(`${share}, over: 100ms`);
		page = serving(20);
		expect(await check(now())).toMatchObject({
			state: 'unknown',
			inconclusive: 'too-little',
			reason: 'inconclusive: measured for 0 of 0.1 s',
		});
		await vi.waitFor(
			async () =>
				expect(await check(now())).toMatchObject({ state: 'failed', reason: '0.2, not below 0.05', measured: 0.2 }),
			20_000,
		);
		page = serving(0);
		await vi.waitFor(async () => expect(await check(now())).toMatchObject({ state: 'passed', reason: '0' }), 20_000);
	});

	test('with too few requests nothing is decided', async () => {
		const check = await checkOf(`${share}, over: 100ms, least: 1000000`);
		page = serving(20);
		await vi.waitFor(
			async () =>
				expect(await check(now())).toMatchObject({
					state: 'unknown',
					reason: expect.stringMatching(/^inconclusive: http_requests_total grew by \d+00 in .* 1000000 are needed$/),
				}),
			20_000,
		);
	});

	test('what came before the newest start of a container is forgotten', async () => {
		let start = 0;
		const check = await checkOf(`${share}, over: 100ms, least: 1`, { start: () => start });
		page = serving(50);
		await vi.waitFor(async () => expect(await check(now())).toMatchObject({ state: 'failed' }), 20_000);
		start = Date.now() + 1;
		expect(await check(now())).toMatchObject({ state: 'unknown', inconclusive: 'too-little' });
	});

	test('a counter that starts again counts from 0, and only the window counts', () => {
		const window = createQueryWindow(10_000);
		const add = (at: number, value: number) => window.add({ at, values: new Map([['a', value]]) });
		add(0, 100);
		expect(window.increase()).toBeUndefined();
		add(5000, 120);
		add(10_000, 3);
		expect(window.increase()).toEqual({ total: 23, seconds: 10 });
		add(16_000, 10);
		// From the reading before the window on.
		expect(window.increase()).toEqual({ total: 10, seconds: 11 });
	});
});

describe('PromQL', () => {
	const ask = async (answer: unknown, entry = 'promql: "sum(up)", above: 0.5') => {
		prometheus = answer;
		return (await checkOf(entry))(now());
	};
	const success = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } });

	test('one number is judged', async () => {
		expect(await ask(success('vector', [{ metric: {}, value: [1, '0.75'] }]))).toMatchObject({
			state: 'passed',
			measured: 0.75,
		});
		expect(asked.at(-1)).toBe('/prometheus/api/v1/query?query=sum(up)');
		expect(await ask(success('scalar', [1, '0.25']))).toMatchObject({ state: 'failed', reason: '0.25, not above 0.5' });
		expect(await ask(success('scalar', [1, '+Inf']))).toMatchObject({ state: 'passed' });
	});

	test.each([
		[success('vector', []), 'the expression gives nothing'],
		[success('vector', [{ value: [1, '1'] }, { value: [1, '2'] }]), /2 series, not one/],
		[success('scalar', [1, 'NaN']), 'the expression gives no number'],
		[success('matrix', []), /gives a matrix/],
		[{ status: 'error', errorType: 'bad_data', error: 'parse error at char 4' }, 'Prometheus: parse error at char 4'],
		['what?', /not one of its HTTP API/],
		[success('vector', [null]), 'the expression gives no number'],
	])('%j is no number, so that nothing is known', async (answer, reason) => {
		const seen = await ask(answer);
		expect(seen.state).toBe('unknown');
		expect(seen.reason).toMatch(reason);
	});
});

describe('against before', () => {
	const before = { value: 10, at: Date.now() - 7_200_000, when: 'when run r1 was verified' };

	test('a value may be worse by the factor, not by more', async () => {
		page = 'seconds 14';
		const entry = 'series: seconds, against: before, factor: 1.5, unit: s';
		expect(await (await checkOf(entry, { before }))(now())).toMatchObject({
			state: 'passed',
			reason: '14 s, before 10 s',
		});
		page = 'seconds 16';
		expect(await (await checkOf(entry, { before }))(now())).toMatchObject({
			state: 'failed',
			reason: '16 s, more than 1.5 × 10 s when run r1 was verified 2 h ago',
		});
	});

	test('with a factor below 1 less is worse; with a floor small values never are', async () => {
		page = 'per_second 7';
		const entry = 'series: per_second, against: before, factor: 0.8';
		expect(await (await checkOf(entry, { before }))(now())).toMatchObject({ state: 'failed' });
		page = 'errors 0.01';
		const zero = { ...before, value: 0 };
		const errors = 'series: errors, against: before';
		expect(await (await checkOf(`${errors}, floor: 0.02`, { before: zero }))(now())).toMatchObject({ state: 'passed' });
		expect(await (await checkOf(errors, { before: zero }))(now())).toMatchObject({ state: 'failed' });
	});

	test('without an earlier value the other bounds decide, and without those nothing is known', async () => {
		page = 'seconds 14';
		expect(await (await checkOf('series: seconds, against: before, below: 20'))(now())).toMatchObject({
			state: 'passed',
			reason: '14; no earlier value to compare with',
		});
		expect(await (await checkOf('series: seconds, against: before'))(now())).toMatchObject({
			state: 'unknown',
			inconclusive: 'nothing-before',
			measured: 14,
		});
	});
});

test('a value has to be within its bounds for long enough, without interruption', async () => {
	const check = await checkOf('series: queue_length, below: 10, for: 200ms');
	page = served(1);
	expect(await check(now())).toMatchObject({
		state: 'unknown',
		inconclusive: 'too-little',
		reason: 'inconclusive: 7, within its bounds for 0 of 0.2 s',
	});
	page = 'queue_length 11';
	await vi.waitFor(async () => expect(await check(now())).toMatchObject({ state: 'failed' }));
	page = served(1);
	expect(await check(now())).toMatchObject({ state: 'unknown' });
	await vi.waitFor(async () => expect(await check(now())).toMatchObject({ state: 'passed', reason: '7' }), 20_000);
});

test.each([
	['series: a', /at least one of: above, below, against/],
	['series: a, promql: b, below: 1', /only one of: series, promql/],
	['below: 1', /has one of: series, promql/],
	['promql: a, rate: true, below: 1', /"rate" counts only together with "series"/],
	['series: a, below: 1, factor: 2', /"factor" counts only together with "against"/],
	["series: 'a{', below: 1", /not a series/],
	['series: a, below: 1, belw: 2', /unknown key "belw"/],
])('the runbook says what is wrong with %s', async (entry, message) => {
	await expect(checkOf(entry)).rejects.toThrow(message);
});
