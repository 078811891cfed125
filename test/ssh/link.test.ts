import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import got from 'got';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LinkState } from '../../src/runbook/link.ts';
import type { Host } from '../../src/services/host/host.ts';
import { type OpenHostOptions, openHost } from '../../src/services/host/open.ts';
import { startProxy, type TcpProxy } from '../net/proxy.ts';
import { freePort, publicKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

/** Resolves with the first state, from now on, that fits. */
const until = (host: Host, fits: (state: LinkState) => boolean): Promise<LinkState> =>
	new Promise((resolve) => {
		const look = () => {
			const state = host.link.get();
			if (fits(state)) {
				stop();
				resolve(state);
			}
		};
		const stop = host.link.subscribe(look);
		queueMicrotask(look);
	});

const record = (host: Host): LinkState[] => {
	const states: LinkState[] = [];
	host.link.subscribe(() => states.push(host.link.get()));
	return states;
};

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('the link, by %s', (transport) => {
	let sshd: Sshd;
	let proxy: TcpProxy;
	let host: Host;
	let knownHosts: string;

	beforeAll(async () => {
		sshd = await startSshd();
	});
	afterAll(() => sshd.stop());
	beforeEach(async () => {
		proxy = await startProxy(sshd.port);
		knownHosts = join(sshd.folder, 'proxy_known');
		await writeFile(
			knownHosts,
			`[127.0.0.1]:${proxy.port} ${(await publicKey(sshd.hostKey)).split(' ').slice(0, 2).join(' ')}\n`,
		);
	});
	afterEach(async () => {
		await host?.close();
		await proxy.stop();
	});

	const open = (options: OpenHostOptions = {}, port = proxy.port): Host => {
		host = openHost(
			{ host: `${sshd.user}@127.0.0.1:${port}`, ssh: { identityFile: sshd.identity, knownHosts, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH }, ...options },
		);
		return host;
	};

	it('does not take for a round trip what this program was busy for', async () => {
		open();
		const unsubscribe = host.link.subscribe(() => {
			if (host.link.get().status === 'up' && host.link.get().rttMs === undefined) {
				for (const begun = performance.now(); performance.now() - begun < 600; );
			}
		});
		const { rttMs } = await until(host, (state) => state.rttMs !== undefined);
		unsubscribe();
		expect(rttMs).toBeLessThan(500);
	});

	it('is connecting at once, then up with a measured round trip, then quiet', async () => {
		proxy.delayMs = 20;
		open();
		expect(host.link.get().status).toBe('connecting');
		const states = record(host);
		await host.ready();
		const state = await until(host, ({ rttMs }) => rttMs !== undefined);
		expect(state.status).toBe('up');
		expect(state.rttMs).toBeGreaterThan(39);
		const told = states.length;
		// Enough for two pings: what nobody would notice is not told.
		await host.exec('sleep 6', { timeoutMs: 50_000 });
		const shown = [state, ...states.slice(told)];
		expect(shown.every(({ status }) => status === 'up')).toBe(true);
		const times = shown.map(({ rttMs }) => rttMs ?? 0);
		const steps = times.slice(1).map((time, at) => Math.abs(time - (times[at] ?? 0)));
		expect(Math.min(...steps, 5)).toBeGreaterThanOrEqual(4.9);
	});

	it('calls a command lost when the connection was reset under it, and comes back', async () => {
		await open().ready();
		const running = await host.spawn('echo started; sleep 30');
		await new Promise((resolve) => running.stdout.once('data', resolve));
		running.stdout.resume();
		const command = host.exec('sleep 30');
		const request = got('http://127.0.0.1:9/', { agent: { http: host.tcpAgent }, retry: { limit: 0 } });
		await expect(request).rejects.toThrow();
		proxy.reset();
		expect(await running.end).toEqual({ code: undefined, lost: true });
		expect(await command).toMatchObject({ code: undefined, lost: true });
		const state = await until(host, ({ status }) => status === 'reconnecting');
		expect(state.reason).toMatch(/lost/);
		expect(state.attempt).toBe(1);
		expect((await host.exec('echo back')).stdout.toString()).toBe('back\n');
		expect(proxy.taken).toBe(2);
	});

	it('breaks an HTTP request with the link, and serves the next over the new one', async () => {
		const waiting = Promise.withResolvers<void>();
		const web = createHttpServer((request, response) =>
			request.url === '/hang' ? waiting.resolve() : response.end('fine'),
		);
		await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
		await open().ready();
		const options = { agent: { http: host.tcpAgent }, retry: { limit: 0 } };
		const hanging = got(`${url}/hang`, options);
		const failed = expect(hanging).rejects.toMatchObject({ code: 'ECONNRESET' });
		await waiting.promise;
		proxy.reset();
		await failed;
		expect(await got(`${url}/again`, options).text()).toBe('fine');
		await host.close();
		web.closeAllConnections();
		await new Promise((resolve) => web.close(resolve));
	});

	it('notices a black hole, and comes back when it is gone', async () => {
		await open().ready();
		const states = record(host);
		const running = await host.spawn('echo started; sleep 60');
		await new Promise((resolve) => running.stdout.once('data', resolve));
		running.stdout.resume();
		proxy.blackHole = true;
		const begun = Date.now();
		// When the link is found dead nothing has been started: the command waits for the next link and runs there, once.
		const asked = host.exec('echo asked', { timeoutMs: 60_000 });
		expect(await running.end).toEqual({ code: undefined, lost: true });
		// The upper end is what the operator is promised.
		expect(Date.now() - begun).toBeLessThan(12_000);
		const { reason } = await until(host, ({ status }) => status === 'reconnecting');
		expect(reason).toMatch(/nothing was heard for \d+ s/);
		expect(states.map(({ status }) => status)).toContain('silent');
		const waiting = host.exec('echo waited', { timeoutMs: 500 });
		await expect(waiting).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringMatching(/nothing was heard/),
		});
		proxy.blackHole = false;
		host.reconnect();
		expect((await asked).stdout.toString()).toBe('asked\n');
		expect((await host.exec('echo back', { timeoutMs: 60_000 })).stdout.toString()).toBe('back\n');
	});

	it('goes silent and up again without losing anything when the hole was short', async () => {
		await open().ready();
		const command = host.exec('sleep 6; echo kept', { timeoutMs: 60_000 });
		proxy.delayMs = 5500;
		const silent = await until(host, ({ status }) => status === 'silent');
		expect(silent.reason).toBe('nothing heard from the host');
		proxy.delayMs = 0;
		await until(host, ({ status }) => status === 'up');
		expect((await command).stdout.toString()).toBe('kept\n');
		expect(proxy.taken).toBe(1);
	});

	it('stays up while a slow link is full', async () => {
		await open().ready();
		proxy.rate = 150_000;
		const states = record(host);
		const result = await host.exec('head -c 2000000 /dev/urandom', { timeoutMs: 60_000 });
		expect(result).toMatchObject({ code: 0, lost: false });
		expect(result.stdout).toHaveLength(2_000_000);
		expect(states.filter(({ status }) => status !== 'up')).toEqual([]);
	});

	it('keeps trying a port that is closed at first, and tells when', async () => {
		const port = await freePort();
		await writeFile(
			knownHosts,
			`[127.0.0.1]:${port} ${(await publicKey(sshd.hostKey)).split(' ').slice(0, 2).join(' ')}\n`,
		);
		open({}, port);
		const state = await until(host, ({ retryAt }) => retryAt !== undefined);
		expect(state).toMatchObject({
			status: 'connecting',
			attempt: 2,
			reason: expect.stringMatching(/cannot reach .*: connection refused/),
			next: expect.stringContaining('sshd'),
		});
		const late: Server = createServer((client: Socket) => client.destroy());
		await new Promise<void>((resolve) => late.listen(port, '127.0.0.1', resolve));
		await until(host, ({ reason }) => /closed the connection|lost before handshake|reset/i.test(reason ?? ''));
		await host.close();
		await new Promise((resolve) => late.close(resolve));
	});

	it('fails at once when the first failure is to be final', async () => {
		const port = await freePort();
		open({ retryFirst: false }, port);
		await expect(host.ready()).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringMatching(/connection refused/),
		});
		expect(host.link.get().status).toBe('refused');
		await expect(host.exec('true')).rejects.toMatchObject({ code: 'unreachable' });
	});

	it.each([
		['a name that does not exist', 'nobody.invalid', /the host name is not known|name server/],
		['an address nobody has', '127.0.0.1:1', /connection refused/],
	])('says what is wrong with %s', async (_title, where, message) => {
		host = openHost(
			{ host: where, ssh: { transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH }, retryFirst: false },
		);
		await expect(host.ready()).rejects.toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) });
	});

	it('gives up on a server that says nothing', async () => {
		const sockets = new Set<Socket>();
		const mute = createServer((socket) => sockets.add(socket));
		await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
		open({ retryFirst: false }, (mute.address() as AddressInfo).port);
		await expect(host.ready()).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringMatching(/does not speak SSH/),
		});
		for (const socket of sockets) {
			socket.destroy();
		}
		await new Promise((resolve) => mute.close(resolve));
	});

	it('can be closed while it connects', async () => {
		proxy.blackHole = true;
		const ready = open().ready();
		const refused = expect(ready).rejects.toMatchObject({ code: 'unreachable' });
		await expect.poll(() => proxy.taken).toBe(1);
		await host.close();
		await refused;
		expect(host.link.get().status).toBe('closed');
	});

	it('stops waiting for it when aborted', async () => {
		proxy.blackHole = true;
		const reason = new Error('enough');
		await expect(open().ready(AbortSignal.abort(reason))).rejects.toBe(reason);
		const abort = new AbortController();
		const waiting = host.ready(abort.signal);
		abort.abort(reason);
		await expect(waiting).rejects.toBe(reason);
	});
});
