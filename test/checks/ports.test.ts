import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { certificate } from '../../src/services/checks/certificate.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { tcp } from '../../src/services/checks/tcp.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createPipeAgent } from '../../src/services/host/pipe-agent.ts';
import { shellCommand } from '../../src/services/host/shell-program.ts';
import { takeLocalValues } from '../../src/services/monitors/local-values.ts';
import { relayTo } from '../../src/services/ssh/relay.ts';
import { makeCertificate } from '../helpers/certificate.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();

const listening = async (server: Server): Promise<string> => {
	servers.push(server);
	server.on('connection', (socket) => {
		sockets.add(socket.on('error', () => {}));
		socket.once('close', () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

let local: LocalHost;
let piped: Host;
beforeAll(() => {
	local = new LocalHost();
	// A host whose connections are programs on it, as over SSH where nothing is forwarded.
	const tcpAgent = createPipeAgent(({ host, port }) => async (signal) => {
		const to = { host: host ?? '', port: Number(port) };
		return (await relayTo(await local.spawn(shellCommand, { signal }), to, signal)).pipe;
	});
	piped = { name: 'shop', tcpAgent } as unknown as Host;
});
afterEach(async () => {
	for (const socket of sockets) {
		socket.destroy();
	}
	await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
afterAll(() => local.close());

describe.each(['local', 'piped'] as const)('a TCP port, from a host that is %s', (which) => {
	const lookAt = (address: string, more: object = {}) => {
		const host = which === 'local' ? local : piped;
		const definition = { id: 'p', title: 'Port', kind: 'tcp', address, through: 'host', timeoutMs: 9000, ...more };
		return tcp.run(definition as never, { context: { host } as CheckContext } as never)(AbortSignal.timeout(20_000));
	};

	test('a server that waits for a request passes, where the connection itself is seen', async () => {
		const seen = await lookAt(await listening(createServer()), { timeoutMs: 2000 });
		expect(seen).toMatchObject(
			which === 'local'
				? { state: 'passed', reason: expect.stringMatching(/^connected in \d+ ms$/) }
				: { state: 'unknown', reason: expect.stringContaining('give the check a greeting') },
		);
	});

	test('nobody there fails', async () => {
		const server = createServer();
		const address = await listening(server);
		await new Promise((resolve) => servers.pop()?.close(resolve));
		expect(await lookAt(address)).toMatchObject({ state: 'failed', reason: expect.stringMatching(/refused/) });
	});

	test('a proxy that accepts what the container refuses fails, as Docker’s does', async () => {
		const address = await listening(createServer((socket) => socket.destroy()));
		expect(await lookAt(address)).toMatchObject({
			state: 'failed',
			reason: expect.stringMatching(/closes it at once|connection reset|refused/),
		});
	});

	test('the greeting is compared, and shown', async () => {
		const address = await listening(createServer((socket) => socket.write('220 mail ESMTP\r\n')));
		expect(await lookAt(address, { greeting: '^220 ' })).toMatchObject({
			state: 'passed',
			evidence: expect.stringContaining('220 mail ESMTP'),
		});
		expect(await lookAt(address, { greeting: '^SSH-2', timeoutMs: 700 })).toMatchObject({
			state: 'failed',
			reason: expect.stringMatching(/no answer within 0\.7 s|does not match/),
		});
	});

	test('no greeting in time fails, and leaves no connection', async () => {
		const address = await listening(createServer());
		expect(await lookAt(address, { greeting: '.', timeoutMs: 600 })).toMatchObject({
			state: 'failed',
			reason: 'no answer within 0.6 s',
		});
		await expect.poll(() => sockets.size).toBe(0);
	});
});

describe('a certificate', () => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-certificates-'));
		takeLocalValues(folder, {});
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const lookAt = (address: string, more: object = {}) => {
		const definition = {
			id: 'c',
			title: 'C',
			kind: 'certificate',
			address,
			through: 'host',
			timeoutMs: 5000,
			days: 14,
		};
		const context = { host: local } as unknown as CheckContext;
		return certificate.run({ ...definition, ...more } as never, { context } as never)(AbortSignal.timeout(20_000));
	};
	const serve = (of: { readonly key: Buffer; readonly cert: string }, chain = '') =>
		listening(createTlsServer({ key: of.key, cert: of.cert + chain }, (socket) => socket.on('error', () => {})));

	test('one that is valid for long enough passes, with the days that are left', async () => {
		const shop = makeCertificate(folder, 'shop.example', { days: 40 });
		const address = await serve(shop);
		const seen = await lookAt(address, { name: 'shop.example', ca: shop.path });
		expect(seen).toMatchObject({ state: 'passed', reason: 'valid for 39 more days' });
		expect(seen.evidence).toContain('shop.example');
	});

	test('one that expires soon fails; so does one whose issuer expires first', async () => {
		const soon = makeCertificate(folder, 'soon.example', { days: 6 });
		expect(await lookAt(await serve(soon), { name: 'soon.example', ca: soon.path })).toMatchObject({
			state: 'failed',
			reason: expect.stringMatching(/^valid for 5 more days, less than 14: until 20/),
		});
		const authority = makeCertificate(folder, 'authority', { days: 10 });
		const long = makeCertificate(folder, 'long.example', { days: 90, issuer: authority });
		expect(await lookAt(await serve(long, authority.cert), { name: 'long.example', ca: authority.path })).toMatchObject(
			{ state: 'failed', reason: expect.stringMatching(/^valid for 9 more days \(of its issuer authority\)/) },
		);
	});

	test('another name, an unknown authority and no TLS fail', async () => {
		const shop = makeCertificate(folder, 'other.example', { days: 40 });
		const address = await serve(shop);
		expect(await lookAt(address, { name: 'shop.example', ca: shop.path })).toMatchObject({
			state: 'failed',
			reason: 'its certificate is for another name',
		});
		expect(await lookAt(address, { name: 'other.example' })).toMatchObject({
			state: 'failed',
			reason: expect.stringMatching(/an authority that this machine does not trust/),
		});
		const plain = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
		expect(await lookAt(plain, { name: 'shop.example' })).toMatchObject({
			state: 'failed',
			reason: 'it does not speak TLS',
		});
	});

	test('a file of authorities that is not there proves nothing', async () => {
		await expect(lookAt('127.0.0.1:1', { ca: 'missing.pem' })).rejects.toThrow(/cannot read the certificates/);
	});
});
