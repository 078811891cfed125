import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import got from 'got';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { probe } from '../../src/services/monitors/probe.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

/** Speaks HTTP as `docker system dial-stdio` does: its standard input and output are a connection. */
const dialTo = (socket: string) =>
	`exec ${process.execPath} -e "const s=require('net').connect('${socket}');process.stdin.pipe(s);s.pipe(process.stdout)"`;

describe.skipIf(sshdMissing()).each([
	[1, 'ssh2'],
	[2, 'ssh2'],
	[1, 'openssh'],
	[2, 'openssh'],
] as const)('a hardened server: no forwarding, MaxSessions %i, by %s', (most, transport) => {
	let sshd: Sshd;
	let host: Host;
	let folder: string;
	let docker: Server;
	let agent: Host['tcpAgent'];

	beforeAll(async () => {
		sshd = await startSshd([
			`MaxSessions ${most}`,
			'AllowTcpForwarding no',
			'AllowStreamLocalForwarding no',
			'DisableForwarding yes',
		]);
		folder = await mkdtemp(join(tmpdir(), 'backout-few-'));
		docker = createServer((request, response) => {
			if (request.url === '/events') {
				response.write('{}\n');
			} else {
				response.end('fine');
			}
		});
		await new Promise<void>((resolve) => docker.listen(join(folder, 'docker.sock'), resolve));
	});
	afterAll(async () => {
		docker.closeAllConnections();
		await new Promise((resolve) => docker.close(resolve));
		await sshd.stop();
		await rm(folder, { recursive: true });
	});
	afterEach(() => host?.close());

	const open = () => {
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		agent = host.commandAgent(dialTo(join(folder, 'docker.sock')));
	};
	const ask = (path: string) =>
		got(`http://docker${path}`, { agent: { http: agent }, retry: { limit: 0 }, timeout: { request: 30_000 } }).text();
	/** Follows the events, again whenever the stream breaks off, until it is told to stop. */
	const follow = () => {
		const seen = { opened: 0 };
		const stop = new AbortController();
		const over = (async () => {
			while (!stop.signal.aborted) {
				await new Promise<void>((resolve) => {
					const stream = got.stream('http://docker/events', {
						agent: { http: agent },
						signal: stop.signal,
						retry: { limit: 0 },
					});
					stream.once('data', () => seen.opened++).on('error', () => resolve());
					stream.on('close', () => resolve()).resume();
				});
			}
		})();
		return {
			seen,
			stop: async () => {
				stop.abort();
				await over;
			},
		};
	};

	it('a command finds a session beside a stream that lasts, again and again, and the stream comes back', async () => {
		open();
		const events = follow();
		await expect.poll(() => events.seen.opened).toBe(1);
		for (let at = 0; at < 3; at++) {
			expect((await host.exec(`echo ${at}`)).stdout.toString()).toBe(`${at}\n`);
		}
		expect(await ask('/version')).toBe('fine');
		if (most === 1) {
			await expect.poll(() => events.seen.opened).toBeGreaterThan(1);
		}
		expect((await host.exec('echo last')).stdout.toString()).toBe('last\n');
		await events.stop();
	});

	it('what follows something gives way, and says that it was cut off', async () => {
		open();
		const following = await Promise.all(Array.from({ length: most }, () => host.spawn('echo followed; cat')));
		for (const { stdout, stderr } of following) {
			stdout.resume();
			stderr.resume();
		}
		expect((await host.exec('echo asked')).stdout.toString()).toBe('asked\n');
		expect(await Promise.race(following.map(({ end }) => end))).toEqual({ code: undefined, lost: true });
	});

	it('a program that starts something needs no second session', async () => {
		open();
		const events = follow();
		await expect.poll(() => events.seen.opened).toBe(1);
		const starting = await host.spawn('cat; echo started', { short: true, goesOn: true });
		starting.stderr.resume();
		starting.stdin.end('program\n');
		let said = '';
		starting.stdout.on('data', (bytes: Buffer) => {
			said += bytes;
		});
		await starting.end;
		expect(said).toBe('program\nstarted\n');
		await events.stop();
	});

	it('ports and sockets of the host are reached by a program there', async () => {
		open();
		const web = createServer((request, response) => {
			let length = 0;
			request.on('data', (bytes: Buffer) => {
				length += bytes.length;
			});
			request.on('end', () => response.end(String(length)));
		});
		await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
		const { port } = web.address() as AddressInfo;
		const options = { agent: { http: host.tcpAgent }, retry: { limit: 0 }, timeout: { request: 60_000 } };
		const answers = await Promise.all(
			[1, 20, 2_000_000].map((length) =>
				got.post(`http://127.0.0.1:${port}/`, { ...options, body: 'x'.repeat(length) }).text(),
			),
		);
		expect(answers).toEqual(['1', '20', '2000000']);
		expect((await host.exec('echo asked')).stdout.toString()).toBe('asked\n');
		await expect(got('http://127.0.0.1:1/', options)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
		expect(host.relay).toEqual(expect.any(String));
		const request = { through: 'host', timeoutMs: 60_000, maxBytes: 1000 } as const;
		const socket = join(folder, 'docker.sock');
		expect((await probe(host, { ...request, url: 'http://there/', socket })).body.toString()).toBe('fine');
		web.closeAllConnections();
		await new Promise((resolve) => web.close(resolve));
	});

	it('a certificate is checked through such a program, and what hangs there gives way', async () => {
		open();
		const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
		const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
		execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-subj', '/CN=x', '-keyout', key, '-out', cert], {
			stdio: 'pipe',
		});
		const certificate = await readFile(cert, 'utf8');
		const web = createHttpsServer({ key: await readFile(key), cert: certificate }, (request, response) => {
			if (request.url !== '/hang') {
				response.end('secured');
			}
		});
		await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
		const url = `https://127.0.0.1:${(web.address() as AddressInfo).port}`;
		const fingerprint = new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
		const request = { through: 'host', timeoutMs: 60_000, maxBytes: 1000 } as const;
		expect((await probe(host, { ...request, url, fingerprint })).body.toString()).toBe('secured');
		await expect(probe(host, { ...request, url, fingerprint: 'A'.repeat(64) })).rejects.toThrow(/another one than/);
		const hanging = probe(host, { ...request, url: `${url}/hang`, fingerprint });
		hanging.catch(() => {});
		await new Promise((resolve) => web.once('request', resolve));
		expect((await host.exec('echo asked', { timeoutMs: 60_000 })).stdout.toString()).toBe('asked\n');
		if (most === 1) {
			await expect(hanging).rejects.toMatchObject({
				code: 'unreachable',
				message: 'the request gave its session to a command: the server allows one at once (MaxSessions)',
			});
		}
		await host.close();
		web.closeAllConnections();
		await new Promise((resolve) => web.close(resolve));
	});

	it('the limit is named where none becomes free', async () => {
		open();
		const lasting = await Promise.all(Array.from({ length: most }, () => host.spawn('cat', { short: true })));
		await expect(host.exec('true', { timeoutMs: 1500 })).rejects.toMatchObject({
			code: 'unreachable',
			message: `no session was free within 1.5 s: the server allows ${most === 1 ? 'one' : most} at once (MaxSessions)`,
			next: expect.stringContaining('sshd_config'),
		});
		for (const { stdin, stdout, end } of lasting) {
			stdin.end();
			stdout.resume();
			await end;
		}
		expect((await host.exec('echo free')).stdout.toString()).toBe('free\n');
	});
});
