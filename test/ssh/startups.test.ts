import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)(
	'a server that allows one login at a time, by %s',
	(transport) => {
		let sshd: Sshd | undefined;
		let before: Server | undefined;
		let host: Host | undefined;
		const open: Socket[] = [];
		afterEach(async () => {
			await host?.close();
			for (const socket of open.splice(0)) {
				socket.destroy();
			}
			before?.close();
			await sshd?.stop();
		});

		it('is tried again, also by a command that does not wait for hosts', async () => {
			sshd = await startSshd(['MaxStartups 1:100:1', 'LoginGraceTime 120']);
			// Somebody who does not log in has the place, once that of the connection that looked whether sshd is there is free.
			let other: Socket;
			let said = '';
			do {
				other = connect(sshd.port, '127.0.0.1');
				open.push(other);
				said = await new Promise<string>((resolve) => other.once('data', (bytes) => resolve(String(bytes))));
			} while (!said.startsWith('SSH-'));
			host = openHost(
				{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
				{ home: sshd.home, env: { PATH: process.env.PATH }, retryFirst: false },
			);
			await expect.poll(() => host?.link.get().retryAt, { timeout: 30_000 }).toBeDefined();
			expect(host.link.get()).toMatchObject({
				status: 'connecting',
				reason: expect.stringMatching(/MaxStartups|it closed the connection before the login began/),
				next: expect.stringContaining('MaxStartups'),
			});
			other.destroy();
			await host.ready();
		});

		it.each([
			['Exceeded MaxStartups', /too many others are logging in at this moment \(MaxStartups\)$/],
			[
				'Not allowed at this time',
				/it takes no login from this address for a while, as some have failed \(PerSourcePenalties\)$/,
			],
		])('is given up by such a command when it goes on with “%s”', async (said, why) => {
			before = createServer((socket) => socket.end(`${said}\r\n`));
			await new Promise<void>((resolve) => before?.listen(0, '127.0.0.1', resolve));
			const { port } = before.address() as { port: number };
			sshd = await startSshd();
			host = openHost(
				{ host: `root@127.0.0.1:${port}`, ssh: { identityFile: sshd.identity, transport } },
				{ home: sshd.home, env: { PATH: process.env.PATH }, retryFirst: false },
			);
			const ready = host.ready();
			ready.catch(() => {});
			const giveUp = setInterval(() => host?.reconnect(), 200);
			await expect(ready).rejects.toMatchObject({
				code: 'unreachable',
				message: expect.stringMatching(why),
			});
			clearInterval(giveUp);
		});
	},
);
