import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import got from 'got';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { runScript } from '../../src/services/host/run-script.ts';

export interface Place {
	readonly host: Host;
	/** A writable folder on the host (this machine). */
	readonly folder: string;
}

const listen = (server: Server, where: number | string): Promise<void> =>
	new Promise((resolve) =>
		typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
	);

/** The tests that every Host must pass, whatever its transport. */
export const describeHost = (title: string, open: () => Promise<Place>, done: () => Promise<void>): void => {
	describe(title, () => {
		let host: Host;
		let folder: string;
		const web = createHttpServer((request, response) => {
			if (request.url === '/hang') {
				return;
			}
			if (request.url === '/stall') {
				response.write('half');
				return;
			}
			if (request.url === '/close') {
				response.setHeader('connection', 'close');
			}
			response.end(`hello ${request.url}`);
		});
		const onSocket = createHttpServer((request, response) => {
			let size = 0;
			request.on('data', (chunk: Buffer) => {
				size += chunk.length;
			});
			request.on('end', () => response.end(`socket ${request.url} ${size}`));
		});
		let port = 0;

		beforeAll(async () => {
			({ host, folder } = await open());
			await listen(web, 0);
			port = (web.address() as AddressInfo).port;
			await listen(onSocket, join(folder, 'web.sock'));
			await host.ready();
		});

		afterAll(async () => {
			await host?.close();
			web.closeAllConnections();
			onSocket.closeAllConnections();
			await Promise.all([web, onSocket].map((server) => new Promise((resolve) => server.close(resolve))));
			await done();
		});

		const url = (path: string) => `http://127.0.0.1:${port}${path}`;
		const options = () => ({ agent: { http: host.tcpAgent }, retry: { limit: 0 } });

		it('is up', () => {
			expect(host.link.get().status).toBe('up');
		});

		it('runs a command and tells its output and exit code apart', async () => {
			const result = await host.exec('printf out; printf err >&2; exit 3');
			expect(result).toMatchObject({ code: 3, lost: false, truncated: false });
			expect(result.stdout.toString()).toBe('out');
			expect(result.stderr.toString()).toBe('err');
		});

		it('tells the signal that ended a command', async () => {
			const result = await host.exec('kill -TERM $$');
			expect(result).toMatchObject({ code: undefined, signal: 'SIGTERM', lost: false });
		});

		it('gives a command without input an empty one', async () => {
			expect((await host.exec('cat')).code).toBe(0);
		});

		it('takes a script of 1 MB over standard input', async () => {
			const script = `${'# 0123456789012345678901234567890123456789\n'.repeat(25_000)}printf '%s' "$value"`;
			const result = await runScript(host, script, {
				purpose: 'print it',
				environment: { value: `it's "ünïcode" $HOME \\ \n` },
			});
			expect(result.stdout).toBe(`it's "ünïcode" $HOME \\ \n`);
		});

		it('keeps binary output as it is', async () => {
			const bytes = Buffer.from(Array.from({ length: 256 * 64 }, (_, index) => index % 256));
			const result = await host.exec('cat', { input: bytes });
			expect(result.stdout.equals(bytes)).toBe(true);
		});

		it('drops output beyond the limit and says so', async () => {
			const result = await host.exec('head -c 300000 /dev/zero', { maxBytes: 1000 });
			expect(result.stdout.length).toBe(1000);
			expect(result).toMatchObject({ truncated: true, code: 0 });
		});

		it('ends the call when it takes too long', async () => {
			await expect(host.exec('sleep 30', { timeoutMs: 300 })).rejects.toMatchObject({
				name: 'BackoutError',
				code: 'unreachable',
			});
		});

		it('ends the call when aborted, with the reason given', async () => {
			const abort = new AbortController();
			const reason = new Error('enough');
			const call = host.exec('sleep 30', { signal: abort.signal });
			abort.abort(reason);
			await expect(call).rejects.toBe(reason);
			await expect(host.exec('true', { signal: abort.signal })).rejects.toBe(reason);
		});

		it('runs twelve commands at once', async () => {
			const results = await Promise.all(
				Array.from({ length: 12 }, (_, index) => host.exec('cat; sleep 0.1', { input: String(index) })),
			);
			expect(results.map(({ stdout }) => stdout.toString())).toEqual(
				Array.from({ length: 12 }, (_, index) => String(index)),
			);
		});

		it('talks with a running command', async () => {
			const running = await host.spawn('while read -r line; do echo "got $line"; done; exit 4');
			running.stdin.write('one\n');
			const first = await new Promise<string>((resolve) =>
				running.stdout.once('data', (chunk) => resolve(String(chunk))),
			);
			expect(first).toBe('got one\n');
			running.stdin.end();
			running.stdout.resume();
			expect(await running.end).toEqual({ code: 4, lost: false });
		});

		it('closes a running command without calling it lost', async () => {
			const running = await host.spawn('sleep 30');
			running.close();
			expect(await running.end).toEqual({ code: undefined, lost: false });
		});

		it('lets short commands run beside as many long ones as one likes', async () => {
			const abort = new AbortController();
			const long = Array.from({ length: 6 }, () => host.spawn('cat', { signal: abort.signal }));
			try {
				expect((await host.exec('echo short')).stdout.toString()).toBe('short\n');
			} finally {
				abort.abort();
				await Promise.allSettled(long);
			}
		});

		it('reaches a port of the host by HTTP, again over the same connection', async () => {
			expect(await got(url('/a'), options()).text()).toBe('hello /a');
			expect(await got(url('/b'), options()).text()).toBe('hello /b');
			const free = Object.values(host.tcpAgent.freeSockets).flat();
			expect(free).toHaveLength(1);
		});

		it('drops a connection the server closed', async () => {
			expect(await got(url('/close'), options()).text()).toBe('hello /close');
			await expect.poll(() => Object.values(host.tcpAgent.sockets).flat().length).toBe(0);
			web.closeIdleConnections();
			await expect.poll(() => Object.values(host.tcpAgent.freeSockets).flat().length).toBe(0);
			expect(await got(url('/again'), options()).text()).toBe('hello /again');
		});

		it.each([
			['response', '/hang', { response: 200 }],
			['socket', '/hang', { socket: 200 }],
			['socket', '/stall', { socket: 200 }],
			['request', '/stall', { request: 300 }],
			['read', '/stall', { read: 200 }],
		])('fires the %s time-out at %s', async (event, path, timeout) => {
			await expect(got(url(path), { ...options(), timeout })).rejects.toMatchObject({ code: 'ETIMEDOUT', event });
			await expect.poll(() => Object.values(host.tcpAgent.sockets).flat().length).toBe(0);
		});

		it('leaves nothing behind when a request is aborted', async () => {
			const abort = new AbortController();
			const request = got(url('/hang'), { ...options(), signal: abort.signal });
			setTimeout(() => abort.abort(), 100);
			await expect(request).rejects.toMatchObject({ name: 'AbortError' });
			await expect.poll(() => Object.values(host.tcpAgent.sockets).flat().length).toBe(0);
			await expect
				.poll(() => new Promise((resolve) => web.getConnections((_, count) => resolve(count))))
				.toBeLessThan(2);
		});

		it('says that a port refuses', async () => {
			await expect(got('http://127.0.0.1:1/', options())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
		});

		it('reaches a Unix socket of the host by HTTP', async () => {
			const agent = host.socketAgent(join(folder, 'web.sock'));
			expect(host.socketAgent(join(folder, 'web.sock'))).toBe(agent);
			const body = Buffer.alloc(300_000);
			const text = await got.post('http://docker/x', { agent: { http: agent }, body, retry: { limit: 0 } }).text();
			expect(text).toBe('socket /x 300000');
		});

		it('fails on a Unix socket that is not there', async () => {
			const agent = host.socketAgent(join(folder, 'none.sock'));
			await expect(got('http://docker/x', { agent: { http: agent }, retry: { limit: 0 } })).rejects.toThrow();
		});

		it('speaks HTTP with a command', async () => {
			const script = 'const s=require("net").connect(process.argv[1]);process.stdin.pipe(s);s.pipe(process.stdout)';
			const agent = host.commandAgent(`exec '${process.execPath}' -e '${script}' '${join(folder, 'web.sock')}'`);
			for (const path of ['/one', '/two']) {
				expect(await got(`http://docker${path}`, { agent: { http: agent }, retry: { limit: 0 } }).text()).toBe(
					`socket ${path} 0`,
				);
			}
			expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
		});

		it('says why a command does not speak HTTP', async () => {
			const agent = host.commandAgent('echo no such thing >&2; exit 7');
			await expect(got('http://docker/', { agent: { http: agent }, retry: { limit: 0 } })).rejects.toThrow(
				/ended with 7: no such thing/,
			);
		});

		it('is closed for good', async () => {
			const running = await host.spawn('sleep 30');
			await host.close();
			expect(host.link.get().status).toBe('closed');
			expect((await running.end).code).toBeUndefined();
			await expect(host.exec('true')).rejects.toMatchObject({ code: 'unreachable' });
			await expect(host.ready()).rejects.toMatchObject({ code: 'unreachable' });
			await host.close();
		});
	});
};
