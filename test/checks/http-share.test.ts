import { afterAll, beforeAll, expect, test } from 'vitest';
import { http } from '../../src/services/checks/http.ts';
import { judgeShare } from '../../src/services/checks/http-share.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';

let host: LocalHost;
let server: TestServer;
/** Of how many requests one fails; 0: none. */
let every = 0;
let requests = 0;

beforeAll(async () => {
	host = new LocalHost();
	server = await serve((_, response) => {
		requests++;
		response.writeHead(every > 0 && requests % every === 0 ? 500 : 200).end('fine');
	});
});
afterAll(async () => {
	await server.close();
	await host.close();
});

const checkOf = async (more: string, start = () => 0) => {
	const { loadRunbook } = await import('../../src/services/runbook-file/load-runbook.ts');
	const text = `title: x\nchecks:\n  page: { kind: http, url: '${server.url}', ${more} }\nprocedures: {}\n`;
	const { checks } = loadRunbook(text, 'r.yaml', { readRunbook: () => undefined });
	const snapshots = { take: async () => ({}), newestStart: start };
	return http.run(checks[0] as never, { context: { host } as unknown as CheckContext, snapshots } as never);
};
const now = () => AbortSignal.timeout(20_000);

test('a fifth of the requests fails: what one request may miss, a share of them does not', async () => {
	every = 5;
	requests = 0;
	expect(await (await checkOf('timeout: 5s'))(now())).toMatchObject({ state: 'passed' });
	const seen = await (await checkOf('successes: 95%'))(now());
	expect(seen).toMatchObject({ state: 'failed', evidence: expect.stringContaining('× status 500 instead of 200') });
	expect(seen.reason).toMatch(/95 % must succeed/);
	// The rest of the twenty could not have helped.
	expect(requests).toBeLessThan(1 + 20);
});

test('a share that is good enough passes, and each further run makes one request', async () => {
	every = 0;
	const check = await checkOf('successes: 95%');
	requests = 0;
	expect(await check(now())).toMatchObject({ state: 'passed', reason: '100 % of 20 requests succeeded' });
	expect(requests).toBe(20);
	expect(await check(now())).toMatchObject({ state: 'passed', reason: '100 % of 21 requests succeeded' });
	expect(requests).toBe(21);
});

test('requests from before the newest start of a container do not count', async () => {
	every = 1;
	let start = 0;
	const check = await checkOf('successes: 90, requests: 5', () => start);
	expect(await check(now())).toMatchObject({ state: 'failed' });
	every = 0;
	start = Date.now() + 1;
	await expect.poll(() => Date.now()).toBeGreaterThan(start);
	expect(await check(now())).toMatchObject({ state: 'passed', reason: '100 % of 5 requests succeeded' });
});

test('a share is decided as soon as nothing can change it, and not before', () => {
	const share = { successes: 90, requests: 20, overMs: 60_000 };
	const of = (good: number, bad: number) => [
		...Array.from({ length: good }, () => ({ at: 1 })),
		...Array.from({ length: bad }, () => ({ at: 1, why: 'status 500 instead of 200' })),
	];
	expect(judgeShare(of(17, 2), share)).toMatchObject({ state: 'unknown', inconclusive: 'too-little' });
	expect(judgeShare(of(18, 2), share)).toMatchObject({ state: 'passed' });
	expect(judgeShare(of(0, 3), share)).toMatchObject({
		state: 'failed',
		reason: expect.stringMatching(/^3 of 3 requests failed/),
	});
	expect(judgeShare(of(89, 11), share)).toMatchObject({ state: 'failed' });
	expect(judgeShare(of(90, 10), share)).toMatchObject({ state: 'passed' });
});
