import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { probe } from '../../src/services/monitors/probe.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';

const open: { close(): Promise<unknown> }[] = [];
const keep = <T extends { close(): Promise<unknown> }>(thing: T): T => {
	open.push(thing);
	return thing;
};
afterEach(async () => {
	await Promise.all(open.splice(0).map((thing) => thing.close()));
});

const ask = (server: Pick<TestServer, 'url'>, more: Partial<Parameters<typeof probe>[1]> = {}) =>
	probe(keep(new LocalHost()), { url: server.url, through: 'host', timeoutMs: 500, maxBytes: 1000, ...more });

describe.each(['host', 'direct'] as const)('through %s', (through) => {
	test('any status is an answer', async () => {
		const server = keep(await serve((_, response) => response.writeHead(503).end('no')));
		expect(await ask(server, { through })).toMatchObject({ status: 503, truncated: false, body: Buffer.from('no') });
	});

	test('a server that never answers costs the time-out', async () => {
		const server = keep(await serve(() => {}));
		await expect(ask(server, { through })).rejects.toMatchObject({ code: 'failed', message: 'no answer within 0.5 s' });
	});

	test('a server that drips costs the time-out too', async () => {
		const server = keep(
			await serve((_, response) => {
				const timer = setInterval(() => response.write('.'), 50);
				response.once('close', () => clearInterval(timer));
			}),
		);
		await expect(ask(server, { through })).rejects.toMatchObject({ message: 'no answer within 0.5 s' });
	});

	test('a redirect is not followed', async () => {
		let asked = 0;
		const server = keep(
			await serve((_, response) => {
				asked++;
				response.writeHead(302, { location: '/elsewhere' }).end();
			}),
		);
		expect(await ask(server, { through })).toMatchObject({ status: 302, location: '/elsewhere' });
		expect(asked).toBe(1);
	});

	test('of ten megabytes only so much is taken, and the connection is closed', async () => {
		let closed: (() => void) | undefined;
		const gone = new Promise<void>((resolve) => {
			closed = resolve;
		});
		const server = keep(
			await serve((request, response) => {
				request.socket.once('close', () => closed?.());
				response.end(Buffer.alloc(10 * 1024 * 1024, 'x'));
			}),
		);
		const answer = await ask(server, { through, timeoutMs: 5000 });
		expect([answer.body.length, answer.truncated]).toEqual([1000, true]);
		await gone;
	});

	test('a closed port is said in words', async () => {
		const server = await serve(() => {});
		await server.close();
		await expect(ask(server, { through })).rejects.toMatchObject({ code: 'failed', message: 'connection refused' });
	});
});

test('a kept connection that the server closes meanwhile is no failure of the endpoint', async () => {
	// Answers once a connection, promising to keep it, and resets it when it is used again.
	const server = createTcpServer((socket) => {
		let used = false;
		socket.on('error', () => {});
		socket.on('data', () => {
			if (used) {
				socket.resetAndDestroy();
			} else {
				used = true;
				socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok');
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	keep({ close: () => new Promise((resolve) => server.close(resolve)) });
	const host = keep(new LocalHost());
	const request = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		through: 'host' as const,
		timeoutMs: 2000,
		maxBytes: 100,
	};
	expect((await probe(host, request)).status).toBe(200);
	expect((await probe(host, request)).status).toBe(200);
	await host.close();
});

test('an abort ends it with its own reason', async () => {
	const server = keep(await serve(() => {}));
	const aborter = new AbortController();
	const asked = ask(server, { signal: aborter.signal, timeoutMs: 10_000 });
	aborter.abort(new Error('enough'));
	await expect(asked).rejects.toThrow('enough');
});

test('those who share are answered by one request, each within its own time', async () => {
	const host = keep(new LocalHost());
	let answer: (() => void) | undefined;
	let asked = 0;
	const server = keep(
		await serve((_, response) => {
			asked++;
			answer = () => response.end('well');
		}),
	);
	const shared = (timeoutMs: number, share = true) =>
		probe(host, { url: server.url, through: 'host', timeoutMs, maxBytes: 1000, share });
	const [hasty, patient] = [shared(300), shared(60_000)];
	await expect(hasty).rejects.toMatchObject({ code: 'failed', message: 'no answer within 0.3 s' });
	answer?.();
	expect(await patient).toMatchObject({ status: 200, body: Buffer.from('well') });
	expect(asked).toBe(1);
	// A verdict asks for itself.
	const alone = [shared(60_000), shared(60_000, false)];
	await expect.poll(() => asked).toBe(3);
	await Promise.all([server.close(), Promise.allSettled(alone)]);
});
