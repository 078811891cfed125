import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	breakLab,
	healLab,
	hostExec,
	judge,
	labAvailable,
	openFourOrders,
	ordersAtBroker,
	readLabInfo,
	setWatchdog,
} from './index.ts';
import { waitFor } from './processes.ts';

const available = await labAvailable();

const out = async (script: string, ...args: string[]) => (await hostExec(script, args)).stdout.trim();
const get = async (port: number, path: string) => {
	const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
	return { status: answer.status, body: await answer.text() };
};
const engineLog = () => out('docker logs trading-engine 2>&1');
/** Runs a Python program in the engine's container. */
const python = (program: string) => out('docker exec trading-engine python -c "$1" 2>&1', program);
const series = (page: string, prefix: string) => page.split('\n').filter((line) => line.startsWith(prefix));

describe.skipIf(!available.ok)('the lab is the real server', { timeout: 300_000 }, () => {
	beforeAll(() => healLab(), 300_000);
	afterAll(() => healLab(), 300_000);

	test('asleep: it serves, knows no gateway, logs no error, and only the process moves', async () => {
		const { ports } = readLabInfo();
		expect((await get(ports.health, '/health')).status).toBe(200);
		expect(await get(ports.health, '/health/ib')).toMatchObject({
			status: 503,
			body: expect.stringContaining('disconnected'),
		});
		expect((await get(ports.health, '/health/detailed')).status).toBe(503);
		expect((await get(ports.health, '/healthz')).status).toBe(404);
		expect(await engineLog()).not.toContain('"level": "error"');
		const before = (await get(ports.metrics, '/metrics')).body;
		expect(series(before, 'abstractfinance_')).toHaveLength(61);
		const cpu = (page: string) => series(page, 'process_cpu_seconds_total').join();
		let after = before;
		const moves = await waitFor(async () => {
			after = (await get(ports.metrics, '/metrics')).body;
			return cpu(after) !== cpu(before);
		}, 20_000);
		expect(moves).toBe(true);
		expect(series(after, 'abstractfinance_')).toEqual(series(before, 'abstractfinance_'));
	});

	test('an order of another client is neither seen nor cancelled by the engine’s client, and by a global cancel it is', async () => {
		openFourOrders();
		const said = await python(`
from src.execution_ibkr import IBClient
client = IBClient(host="ibgateway", port=4000, client_id=77)
print("connected", client.connect())
print("seen", len(client.get_open_orders()), "cancelled", client.cancel_all_orders(), hasattr(client, "open_orders"))`);
		expect(said).toContain('connected True');
		expect(said).toContain('seen 0 cancelled 0 False');
		expect(ordersAtBroker()).toHaveLength(4);
		const all = await python(`
from ib_insync import IB
ib = IB()
ib.connect("ibgateway", 4000, clientId=78, timeout=10)
print("accounts", ib.managedAccounts(), "clients", sorted(trade.order.clientId for trade in ib.reqAllOpenOrders()))
try:
    IB().connect("ibgateway", 4000, clientId=78, timeout=1)
except TimeoutError as error:
    print("refused", repr(error))
ib.reqGlobalCancel()
ib.sleep(1)
print("left", len(ib.reqAllOpenOrders()))`);
		expect(all).toContain("accounts ['DU5312980'] clients [0, 1, 2, 2]");
		expect(all).toContain('Error 326, reqId -1');
		expect(all).toContain('refused TimeoutError()');
		expect(all).toContain('left 0');
		expect(ordersAtBroker()).toEqual([]);
	});

	test('a gateway that has lost its login takes connections, is healthy, and answers no handshake', async () => {
		await breakLab('gateway-lost');
		const { ports } = readLabInfo();
		const connected = await new Promise<boolean>((resolve) => {
			const socket = connect({ host: '127.0.0.1', port: ports.api });
			socket.once('connect', () => resolve(socket.destroy() !== undefined));
			socket.once('error', () => resolve(false));
		});
		expect(connected).toBe(true);
		const { ok, findings } = await judge();
		expect(ok).toBe(false);
		expect(findings.filter((finding) => !finding.ok).map(({ name }) => name)).toEqual(['gateway']);
	});

	test('with the watchdog on, an engine that was stopped is started again', async () => {
		await healLab();
		await setWatchdog(true);
		await hostExec('docker stop -t 1 trading-engine');
		const running = async () => (await out("docker inspect --format '{{.State.Running}}' trading-engine")) === 'true';
		expect(await waitFor(running, 60_000)).toBe(true);
	});

	test('trading: a normal run logs eleven errors, ends well, and leaves no connection', async () => {
		await healLab({ mode: 'trading' });
		const { ports } = readLabInfo();
		const log = await engineLog();
		expect(log.match(/"level": "error"/g)).toHaveLength(11);
		expect(log).toContain('"event_type": "reconnect_success"');
		expect(log).toContain('"success": true');
		expect((await get(ports.health, '/health/ib')).status).toBe(200);
		expect((await get(ports.metrics, '/metrics')).body).toContain('abstractfinance_ib_connection_state 0.0\n');
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('deployed by tag with ./dc: no .env on disk, HEAD detached, ten services all the same', async () => {
		await healLab({ secrets: 'dc', deployed: 'tag' });
		expect(await out('ls -a | grep -x .env; git describe --tags --exact-match; git symbolic-ref -q HEAD')).toBe(
			'v2.0.3',
		);
		const label = 'com.docker.compose.project.environment_file';
		expect(await out(`docker inspect --format '{{index .Config.Labels "${label}"}}' trading-engine`)).toMatch(
			/^\/tmp\//,
		);
		expect(await judge()).toMatchObject({ ok: true });
	});
});
