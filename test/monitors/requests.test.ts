import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { firstLine, unexpected } from '../../src/services/monitors/expectation.ts';
import { takeLocalValues } from '../../src/services/monitors/local-values.ts';
import { probe } from '../../src/services/monitors/probe.ts';
import { asCurl } from '../../src/services/monitors/request.ts';
import { makeCertificate } from '../helpers/certificate.ts';

let folder: string;
let host: LocalHost;
const servers: Server[] = [];

const listening = async <T extends Server & { closeAllConnections(): void }>(server: T, at: number | string = 0) => {
	await new Promise<void>((resolve) =>
		typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
	);
	servers.push(server);
	return typeof at === 'string' ? 0 : (server.address() as AddressInfo).port;
};

/** A certificate that signs itself, for one name. */
const certificate = (name: string) => makeCertificate(folder, name);

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-requests-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
	host = new LocalHost();
	takeLocalValues(folder, {});
});
afterEach(async () => {
	await host.close();
	for (const server of servers.splice(0)) {
		(server as unknown as { closeAllConnections(): void }).closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
});

const limits = { timeoutMs: 20_000, maxBytes: 1000 };
const echo: RequestListener = (request, response) => response.end(JSON.stringify(request.headers));

describe.each(['host', 'direct'] as const)('through %s', (through) => {
	const ask = async (url: string, more: object = {}) => {
		const { body } = await probe(host, { url, through, ...limits, ...more });
		return body.toString('utf8');
	};

	test('headers are sent as they are written, Host too', async () => {
		const port = await listening(createHttpServer(echo));
		const headers = { Host: 'shop.example.net', 'X-Tenant': 'eu', 'User-Agent': 'probe/1' };
		expect(JSON.parse(await ask(`http://127.0.0.1:${port}/`, { headers }))).toMatchObject({
			host: 'shop.example.net',
			'x-tenant': 'eu',
			'user-agent': 'probe/1',
		});
	});

	test('a value comes from the environment, or else from .env beside the config, and is never shown', async () => {
		const port = await listening(createHttpServer(echo));
		writeFileSync(join(folder, '.env'), "SHOP_TOKEN='from-the-file'\nOTHER=from-the-file-too\n");
		const headers = {
			Authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' },
			'X-Other': { env: 'OTHER', prefix: '' },
		};
		const request = { url: `http://127.0.0.1:${port}/`, through, headers, ...limits };
		takeLocalValues(folder, { OTHER: 'from-the-environment' });
		const { body } = await probe(host, request);
		expect(JSON.parse(body.toString())).toMatchObject({
			authorization: 'Bearer from-the-file',
			'x-other': 'from-the-environment',
		});
		// An endpoint that repeats what it was sent shows nothing of it.
		expect(firstLine(body)).not.toMatch(/from-the/);
		expect(firstLine(body)).toContain('••••');
		expect(asCurl(request, 2000)).toBe(
			`curl --max-time 2 -H "Authorization: Bearer $SHOP_TOKEN" -H "X-Other: $OTHER" http://127.0.0.1:${port}/`,
		);
		// Another value is used from the next request on, though the file is as long as before.
		writeFileSync(join(folder, '.env'), "SHOP_TOKEN='from-its-next'\nOTHER=from-the-file-too\n");
		const next = await probe(host, request);
		expect(JSON.parse(next.body.toString())).toMatchObject({ authorization: 'Bearer from-its-next' });
		expect(firstLine(next.body)).not.toMatch(/from-/);
		rmSync(join(folder, '.env'));
		// Nothing is known of an endpoint that was not asked.
		await expect(probe(host, request)).rejects.toMatchObject({
			code: 'unreachable',
			message:
				'the header Authorization cannot be sent: SHOP_TOKEN is not set on this machine, nor in .env beside the config',
		});
	});

	test('a Unix socket is asked for the path of the URL', async () => {
		const path = join(folder, `${through}.sock`);
		await listening(
			createHttpServer((request, response) => response.end(`${request.headers.host}${request.url}`)),
			path,
		);
		expect(await ask('http://app.example/up?full=1', { socket: path })).toBe('app.example/up?full=1');
		await expect(ask('http://app.example/', { socket: `${path}.gone` })).rejects.toMatchObject({
			code: 'failed',
			message: 'no such socket',
		});
	});

	test('a name and an authority of their own make a certificate good', async () => {
		const { key, cert } = certificate('shop.internal');
		const port = await listening(createHttpsServer({ key, cert }, (_, response) => response.end('well')));
		const url = `https://127.0.0.1:${port}/`;
		const ca = 'shop.internal.pem';
		expect(await ask(url, { ca, servername: 'shop.internal' })).toBe('well');
		// Host is the name that is asked for where no other is given, as a proxy in front of it would.
		expect(await ask(url, { ca, headers: { Host: 'shop.internal' } })).toBe('well');
		await expect(ask(url, { ca })).rejects.toThrow('its certificate is for another name');
		await expect(ask(url, { ca, servername: 'other.internal' })).rejects.toThrow('its certificate is for another name');
		await expect(ask(url, { servername: 'shop.internal' })).rejects.toThrow('this machine does not trust');
		await expect(ask(url, { ca: 'gone.pem' })).rejects.toMatchObject({
			code: 'unreachable',
			message: `cannot read the certificates in ${join(folder, 'gone.pem')}: there is no such file`,
		});
	});

	test('a pinned certificate is accepted, another is not, and gets no header', async () => {
		const [pinned, other] = [certificate('pinned.internal'), certificate('other.internal')];
		let asked = 0;
		const answer: RequestListener = (_, response) => {
			asked++;
			response.end('well');
		};
		const good = await listening(createHttpsServer(pinned, answer));
		const bad = await listening(createHttpsServer(other, answer));
		const { fingerprint } = pinned;
		// Twice: the connection is kept.
		expect(await ask(`https://127.0.0.1:${good}/`, { fingerprint })).toBe('well');
		expect(await ask(`https://127.0.0.1:${good}/`, { fingerprint })).toBe('well');
		await expect(ask(`https://127.0.0.1:${bad}/`, { fingerprint })).rejects.toMatchObject({
			code: 'failed',
			message: `its certificate is another one than the pinned: ${other.fingerprint.replace(/..(?=.)/g, '$&:')}`,
		});
		// A kept connection to the pinned one is none for a request that pins another, or nothing.
		await expect(ask(`https://127.0.0.1:${good}/`, { fingerprint: other.fingerprint })).rejects.toThrow('another one');
		await expect(ask(`https://127.0.0.1:${good}/`)).rejects.toThrow('this machine does not trust');
		expect(asked).toBe(2);
	});
});

test('a pinned certificate also holds through a Unix socket', async () => {
	const { key, cert, fingerprint } = certificate('socket.internal');
	const path = join(folder, 'tls.sock');
	await listening(
		createHttpsServer({ key, cert }, (_, response) => response.end('well')),
		path,
	);
	const request = { url: 'https://app.example/', through: 'host', socket: path, ...limits } as const;
	expect((await probe(host, { ...request, fingerprint })).body.toString()).toBe('well');
	await expect(probe(host, request)).rejects.toThrow('this machine does not trust');
});

test.each([
	[204, 204, undefined],
	[204, [200, 204], undefined],
	[204, '2xx', undefined],
	[302, ['2xx', 302], undefined],
	[500, ['2xx', 302, 404], 'status 500 instead of 2xx, 302 or 404'],
	[500, '2xx', 'status 500 instead of 2xx'],
	[201, 200, 'status 201 instead of 200'],
] as const)('status %s where %j is expected', (status, expected, why) => {
	const answer = { status, latencyMs: 1, body: Buffer.from(''), headers: {}, truncated: false };
	expect(unexpected(answer, { status: expected as never })).toBe(why);
});

test.each([
	[{ headers: { 'Content-Type': '^application/json' } }, undefined],
	[{ headers: { 'content-type': 'html' } }, /the header content-type is "application\/json" and does not match/],
	[{ headers: { 'X-Version': '.' } }, /the header X-Version is missing and does not match/],
	[{ headers: { 'X-Debug': '^$' } }, undefined],
	[{ within: 400 }, undefined],
	[{ within: 399 }, /answered after 400 ms, not within 399 ms/],
] as const)('what is expected besides a status: %j', (expect_, why) => {
	const headers = { 'content-type': 'application/json' };
	const answer = { status: 200, latencyMs: 400, body: Buffer.from('{}'), headers, truncated: false };
	const said = unexpected(answer, { status: 200, ...expect_ });
	expect(said === undefined || why === undefined ? said : why.test(said)).toBe(why === undefined ? undefined : true);
});

test('a byte order mark is no part of an answer', async () => {
	const port = await listening(createHttpServer((_, response) => response.end('\ufeff{"status":"up"}')));
	const answer = await probe(host, { url: `http://127.0.0.1:${port}/`, through: 'host', ...limits });
	expect(unexpected(answer, { status: 200, body: '^\\{' })).toBeUndefined();
});

test('the request is shown as curl makes it, with what is secret masked', () => {
	const request = {
		url: 'https://127.0.0.1:8443/up',
		headers: { Authorization: 'Bearer abcdefghijklmnopqrst', Host: 'a.example' },
		servername: 'shop.internal',
		ca: 'ca.pem',
		socket: '/run/app sock',
	};
	expect(asCurl(request, 5000)).toMatch(
		/^curl --max-time 5 -H 'Authorization: ••••[0-9a-f]{4}' -H 'Host: a\.example' --unix-socket '\/run\/app sock' --cacert ca\.pem --connect-to shop\.internal:8443:127\.0\.0\.1:8443 https:\/\/shop\.internal:8443\/up$/,
	);
});
