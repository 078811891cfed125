import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { sendUnsentNotices } from '../../src/application/runs/channel-notices.ts';
import { reportHealth, runBehind } from '../../src/application/runs/health-notices.ts';
import { channels as channelsSchema } from '../../src/runbook/channels/schema.ts';
import type { RunSummary } from '../../src/runbook/run.ts';
import { takeLocalValues } from '../../src/services/monitors/local-values.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';
import { type Deployment, eachDeployment, finish, localHost, step, untilOutput, who } from './fixture.ts';

const posted: { url: string; by: string; body: Record<string, unknown> }[] = [];
let server: TestServer;
let deployment: Deployment;
let host: Session['host'];
let status = 200;
const told: string[] = [];

beforeEach(async () => {
	posted.length = 0;
	told.length = 0;
	status = 200;
	server = await serve(async (request, response) => {
		let body = '';
		for await (const chunk of request) {
			body += chunk;
		}
		const by = request.headers['user-agent']?.split('/')[0] ?? '';
		posted.push({ url: request.url ?? '', by, body: JSON.parse(body) as Record<string, unknown> });
		response.writeHead(status).end();
	});
});
afterEach(() => server.close());
eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const open = (channels: object = { team: { kind: 'webhook', url: { env: 'URL' } } }, on = host): Session => {
	takeLocalValues('/nonexistent', { URL: `${server.url}/hook` });
	return {
		host: on,
		target: { ...deployment.where, name: 'shop', runbook: { procedures: [], checks: [] } },
		engine: { clock: { now: () => Date.now() } },
		readOnly: false,
		tell: (line: string) => told.push(line),
		channels: { lockHeldMs: 3_600_000, channels: channelsSchema().parse(channels) },
	} as unknown as Session;
};
const tools =
	'sh true stat head tail grep sed date cat ls sort mkdir rm sleep id tr cut chown chmod chgrp wc env timeout flock cksum readlink dirname basename getent';
const well = { state: 'well', reason: 'all passed' } as const;
const unwell = { state: 'unwell', reason: 'Containers: web is restarting; Users: token=hunter2hunter2' } as const;
const texts = () => posted.map(({ body }) => body.text);

describe('the health of a deployment that no run has changed', () => {
	test('is told when it becomes bad, once, from the host, and when it is good again', async () => {
		const session = open();
		expect(await reportHealth(session, well)).toBe('noted');
		expect(posted).toEqual([]);
		expect(await Promise.all([reportHealth(session, unwell), reportHealth(open(), unwell)])).toEqual([
			'noted',
			'noted',
		]);
		await reportHealth(session, unwell);
		await sendUnsentNotices(session);
		expect(texts()).toEqual([
			expect.stringMatching(/^shop: became unhealthy \(Containers: web is restarting; Users: token=••••\w{4}\)$/),
		]);
		expect(posted[0]?.by).toBe('curl');
		expect(posted[0]?.body).toMatchObject({ event: 'unhealthy', verdict: 'failed', run: '', state: '', endedAt: null });
		await Promise.all([reportHealth(session, well), reportHealth(session, well)]);
		expect(texts().slice(1)).toEqual(['shop: is healthy again']);
		expect(posted[1]?.body).toMatchObject({ event: 'unhealthy', verdict: 'passed' });
		expect(told).toEqual([]);
	});

	test('opens and resolves one alert of PagerDuty', async () => {
		const session = open({ pager: { kind: 'pagerduty', url: server.url, key: { env: 'URL' } } });
		await reportHealth(session, unwell);
		await reportHealth(session, well);
		const [opened, closed] = posted.map(({ body }) => body);
		expect([opened?.event_action, closed?.event_action]).toEqual(['trigger', 'resolve']);
		expect(opened?.dedup_key).toBe(closed?.dedup_key);
	});

	test('is told by whoever connects next when it could not be told, and not to channels that do not want it', async () => {
		const session = open({
			team: { kind: 'slack', url: { env: 'URL' } },
			runs: { kind: 'slack', url: { env: 'URL' }, on: ['ended'] },
		});
		status = 500;
		await reportHealth(session, unwell);
		expect(told).toEqual([expect.stringContaining('The channel team was not told that shop changed its health')]);
		status = 200;
		posted.length = 0;
		await Promise.all([sendUnsentNotices(session), sendUnsentNotices(open())]);
		await sendUnsentNotices(session);
		expect(posted).toHaveLength(1);
		expect(readFileSync(join(deployment.state, 'health', 'notices'), 'utf8')).not.toContain(server.url);
	});

	test('is told by this machine if the host has no curl', async () => {
		const bin = join(deployment.directory, 'bin');
		mkdirSync(bin);
		for (const tool of tools.split(' ')) {
			const path = ['/usr/bin', '/bin', '/usr/sbin'].map((folder) => join(folder, tool)).find((one) => existsSync(one));
			symlinkSync(path ?? tool, join(bin, tool));
		}
		const bare = localHost({ PATH: bin, HOME: '/tmp' });
		await reportHealth(open(undefined, bare), unwell);
		await reportHealth(open(undefined, bare), unwell);
		await bare.close();
		expect(posted.map(({ by }) => by)).toEqual([expect.not.stringContaining('curl')]);
		expect(told).toEqual([]);
	});

	test('is not told while a run has the lock, nor when a run that failed has told it', async () => {
		const session = open();
		await reportHealth(session, well);
		const wait = `echo began; until [ -e '${deployment.directory}/go' ]; do sleep 0.1; done; exit 3`;
		const plan = deployment.plan([step('a', wait)]);
		const { id } = await startRun(host, { plan, who, reason: '', state: deployment.state });
		await untilOutput(host, deployment.where, id, 'began');
		expect(await reportHealth(session, unwell)).toBe('not-now');
		deployment.write('go', '');
		await finish(host, deployment.where, id);
		expect(await reportHealth(session, unwell)).toBe('noted');
		expect(posted).toEqual([]);
		// It is known to be unwell, so nobody has to hear that this has ended.
		await reportHealth(session, well);
		expect(posted).toEqual([]);
		await reportHealth(session, unwell);
		expect(texts()).toEqual([expect.stringContaining('became unhealthy')]);
	});

	test('is nobody’s affair without channels, and with --read-only', async () => {
		const { channels: _, ...none } = open();
		expect(await reportHealth(none, unwell)).toBe('off');
		expect(await reportHealth({ ...open(), readOnly: true }, unwell)).toBe('off');
		expect(existsSync(deployment.state)).toBe(false);
	});
});

test('a run that goes on, waits for its verdict, or stopped the deployment on purpose has to do with it', () => {
	const kindOf = (more: Partial<RunSummary>, now = 10_000) =>
		runBehind(
			[
				{ id: 'b', procedure: 'look', state: 'succeeded', startedAt: 3 },
				{ id: 'a', procedure: 'roll-back', state: 'succeeded', startedAt: 1, endedAt: 2, ...more },
			] as unknown as readonly RunSummary[],
			{ readOnly: new Set(['look']), stops: new Set(['stop-everything']), now },
		).kind;
	expect(kindOf({ state: 'running' })).toBe('its-own');
	expect(kindOf({})).toBe('its-own');
	expect(kindOf({}, 4_000_000)).toBe('none');
	expect(kindOf({ verdict: 'passed' })).toBe('none');
	expect(kindOf({ verdict: 'passed', procedure: 'stop-everything' })).toBe('its-own');
	expect(kindOf({ verdict: 'failed' })).toBe('told');
	expect(kindOf({ state: 'failed' })).toBe('told');
	expect(runBehind([], { readOnly: new Set(), stops: new Set(), now: 0 }).kind).toBe('none');
});
