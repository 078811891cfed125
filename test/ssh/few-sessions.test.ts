import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import got from 'got';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
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
