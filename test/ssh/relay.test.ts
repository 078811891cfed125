import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { type Agent, createServer, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import got from 'got';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExecEnd } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createPipeAgent } from '../../src/services/host/pipe-agent.ts';
import { shellCommand } from '../../src/services/host/shell-program.ts';
import { type Endpoint, relayTo } from '../../src/services/ssh/relay.ts';

const where = (program: string): string | undefined => {
	try {
		return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program]).toString().trim();
	} catch {
		return undefined;
	}
};

/** Not a shim of a version manager, which needs programs that the host of a test does not have. */
const python = (): string | undefined =>
	where('python3') && execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim();

const answers: RequestListener = (asked, response) => {
	switch (asked.url) {
		case '/echo':
			asked.pipe(response);
			break;
		case '/close':
			// HTTP/1.0: the end of the connection is the end of the answer.
			response.shouldKeepAlive = false;
			response.removeHeader('transfer-encoding');
			response.useChunkedEncodingByDefault = false;
			response.end(Buffer.alloc(3_000_000, 'c'));
			break;
		case '/slow':
			response.write('slow');
			setTimeout(() => response.end('ly'), 500);
			break;
		case '/hang':
			break;
		default:
			response.end('fine');
	}
};

/** A host with these programs only, and what is reached through it. */
const hostWith = async (programs: Readonly<Record<string, string>>) => {
	const folder = await mkdtemp(join(tmpdir(), 'backout-relay-'));
	for (const [name, path] of Object.entries({ sh: where('sh') ?? '', cat: where('cat') ?? '', ...programs })) {
		await symlink(path, join(folder, name));
	}
	const host = new LocalHost({ env: { PATH: folder } });
	const connect = async (to: Endpoint, signal = new AbortController().signal) =>
		relayTo(await host.spawn(shellCommand, { signal }), to, signal);
	const agents: Agent[] = [];
	return {
		connect,
		agent: (to: Endpoint): Agent => {
			const agent = createPipeAgent(() => async (signal) => (await connect(to, signal)).pipe);
			agents.push(agent);
			return agent;
		},
		end: async () => {
			for (const agent of agents) {
				agent.destroy();
			}
			await host.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
};

/** Not by got, which gives up when an answer begins before its request has ended. */
const echo = (agent: Agent, body: Buffer): Promise<Buffer> =>
	new Promise((resolve, reject) => {
		const asked = request({ agent, host: 'there', path: '/echo', method: 'POST' }, (response) =>
			buffer(response).then(resolve, reject),
		);
		asked.once('error', reject).end(body);
	});

let folder: string;
let web: Server;
let onSocket: Server;
let early: TcpServer;
const unread: Socket[] = [];
let host: Awaited<ReturnType<typeof hostWith>>;
const portOf = (server: Server | TcpServer) => (server.address() as AddressInfo).port;
const toPort = (port: number) => ({ host: '127.0.0.1', port });
const once = { retry: { limit: 0 }, timeout: { request: 60_000 } } as const;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'backout-relay-'));
	web = createServer(answers);
	onSocket = createServer(answers);
	// Answers what begins to come, and reads no more of it.
	early = createTcpServer((socket) => {
		unread.push(socket);
		socket.on('error', () => {});
		socket.once('data', () => {
			socket.pause();
			socket.end('no'.repeat(100_000));
		});
	});
	await Promise.all([web, early].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
	await new Promise<void>((done) => onSocket.listen(join(folder, 'web.sock'), done));
});
afterAll(async () => {
	web.closeAllConnections();
	onSocket.closeAllConnections();
	for (const socket of unread) {
		socket.destroy();
	}
	await Promise.all([web, onSocket, early].map((server) => new Promise((done) => server.close(done))));
	await rm(folder, { recursive: true });
});
afterEach(() => host?.end());

const programs = [
	['perl', where('perl'), true],
	['python3', python(), true],
	['bash', where('bash'), false],
	['socat', where('socat'), true],
	['busybox', where('busybox'), false],
] as const;

describe.each(programs)('a port reached by %s', (name, path, reachesSockets) => {
	const start = async () => {
		host = await hostWith({ [name]: path ?? '' });
		return host;
	};
	const ask = async (url: string) => {
		const { agent } = await start();
		return got(`http://there${url}`, { agent: { http: agent(toPort(portOf(web))) }, ...once }).text();
	};

	it.skipIf(path === undefined)('carries several megabytes both ways at once', async () => {
		const { agent } = await start();
		const body = randomBytes(4_000_000);
		expect((await echo(agent(toPort(portOf(web))), body)).equals(body)).toBe(true);
	});

	it.skipIf(path === undefined)(
		'carries an answer that ends by the end of the connection, and a slow one',
		async () => {
			expect(await ask('/close')).toHaveLength(3_000_000);
			await host.end();
			expect(await ask('/slow')).toBe('slowly');
		},
	);

	it.skipIf(path === undefined)('still gives the answer of a server that does not read to the end', async () => {
		const { connect } = await start();
		const { pipe, program } = await connect(toPort(portOf(early)));
		expect(program).toBe(name);
		const came = text(pipe.readable);
		pipe.writable.write(randomBytes(4_000_000));
		await pipe.over;
		expect(await came).toHaveLength(200_000);
	});

	it.skipIf(path === undefined)('is used again for the next request, and closed with its client', async () => {
		const { agent } = await start();
		const http = agent(toPort(portOf(web)));
		const options = { agent: { http }, ...once };
		expect(await got('http://there/a', options).text()).toBe('fine');
		expect(await got('http://there/b', options).text()).toBe('fine');
		expect(Object.values(http.freeSockets).flat()).toHaveLength(1);
		await expect(got('http://there/hang', { ...options, timeout: { request: 300 } })).rejects.toMatchObject({
			code: 'ETIMEDOUT',
		});
		http.destroy();
		await expect.poll(() => new Promise((done) => web.getConnections((_, count) => done(count)))).toBe(0);
	});

	it.skipIf(path === undefined)('says that nobody listens there, and that a name is not known', async () => {
		const { connect } = await start();
		for (const [to, code] of [
			[toPort(1), 'ECONNREFUSED'],
			[{ host: 'nobody.invalid', port: 1 }, 'ENOTFOUND'],
		] as const) {
			const { pipe } = await connect(to);
			pipe.readable.resume();
			expect(await pipe.over).toMatchObject({ code });
		}
	});

	it.skipIf(path === undefined || !reachesSockets)('reaches a socket, and says that there is none', async () => {
		const { agent, connect } = await start();
		const body = randomBytes(1_000_000);
		expect((await echo(agent({ path: join(folder, 'web.sock') }), body)).equals(body)).toBe(true);
		const { pipe } = await connect({ path: join(folder, 'none.sock') });
		pipe.readable.resume();
		expect(await pipe.over).toMatchObject({ code: 'ENOENT' });
	});
});

it('says what is missing where the host has none of these programs', async () => {
	host = await hostWith({});
	for (const [to, message] of [
		[toPort(1), 'no perl, python3, bash, socat, busybox or nc to reach a port by'],
		[{ path: '/none' }, 'no perl, python3 or socat to reach one by'],
	] as const) {
		const { pipe } = await host.connect(to);
		pipe.readable.resume();
		expect(await pipe.over).toMatchObject({ code: 'ECONNABORTED', message: expect.stringContaining(message) });
	}
});

it('does not take a link that is lost for a port that refuses', async () => {
	const stdout = new PassThrough();
	const end = Promise.withResolvers<ExecEnd>();
	const stdin = new Writable({
		write: (program, _encoding, done) => {
			stdout.write(`${/backout-[0-9a-f]+/.exec(String(program))?.[0]}\nperl\n`);
			done();
		},
	});
	const running = { stdin, stdout, stderr: new PassThrough(), end: end.promise, close: () => {} };
	const { pipe } = await relayTo(running, toPort(1), new AbortController().signal);
	end.resolve({ code: undefined, lost: true });
	expect(await pipe.over).toMatchObject({ code: 'ECONNRESET', message: 'the link was lost' });
});
