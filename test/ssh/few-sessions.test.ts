import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { runScript } from '../../src/services/host/run-script.ts';
import { startedWith } from '../helpers/proc.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)(
	'a server that allows one session, by %s',
	(transport) => {
		let sshd: Sshd;
		let host: Host;

		beforeAll(async () => {
			sshd = await startSshd(['MaxSessions 1']);
			host = openHost(
				{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
				{ home: sshd.home, env: { PATH: process.env.PATH } },
			);
		});
		afterAll(async () => {
			await host.close();
			await sshd.stop();
		});

		it('runs commands one after the other', async () => {
			const results = await Promise.all(Array.from({ length: 6 }, (_, index) => host.exec(`echo ${index}`)));
			expect(results.map(({ stdout }) => stdout.toString())).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n', '5\n']);
		});

		it('says so when its one session stays taken', async () => {
			const running = await host.spawn('cat');
			await expect(host.exec('true', { timeoutMs: 1000 })).rejects.toMatchObject({ name: 'BackoutError' });
			running.stdin.end();
			running.stdout.resume();
			await running.end;
			expect((await host.exec('echo free')).stdout.toString()).toBe('free\n');
		});
	},
);

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)(
	'a server that allows three sessions, by %s',
	(transport) => {
		let sshd: Sshd;
		let host: Host;

		beforeAll(async () => {
			sshd = await startSshd(['MaxSessions 3']);
			host = openHost(
				{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
				{ home: sshd.home, env: { PATH: process.env.PATH } },
			);
			await host.ready();
		});
		afterAll(async () => {
			await host.close();
			await sshd.stop();
		});

		const running = (mark: string) => startedWith(`mark=${mark}`);
		const refused = /took longer|no answer|no session was free/;
		const answers = () => Promise.all([1, 2, 3, 4].map((at) => host.exec(`sleep 0.2; echo ${at}`)));
		const inOrder = ['1\n', '2\n', '3\n', '4\n'];

		it('works on in what is left by one that does not end, and in all of them when it has', async () => {
			await expect(host.exec('env mark=stays sleep 600', { timeoutMs: 2000 })).rejects.toThrow(refused);
			const [stays, ...more] = running('stays');
			expect(more).toEqual([]);
			expect((await answers()).map(({ stdout }) => stdout.toString())).toEqual(inOrder);
			process.kill(stays ?? 0, 'SIGKILL');
			await expect.poll(() => running('stays')).toEqual([]);
			expect((await answers()).map(({ stdout }) => stdout.toString())).toEqual(inOrder);
		});

		it('has none of them taken for long by scripts that hang: they are ended there', async () => {
			const hang = (script: string) =>
				expect(
					runScript(host, script, { purpose: 'hang', environment: { mark: 'hangs' }, timeoutMs: 1000 }),
				).rejects.toThrow(refused);
			await Promise.all([hang('sleep 600; true'), hang("trap '' HUP TERM; sleep 600 & wait"), hang('sleep 600 | cat')]);
			expect(running('hangs')).not.toEqual([]);
			await expect.poll(() => running('hangs')).toEqual([]);
			expect((await answers()).map(({ stdout }) => stdout.toString())).toEqual(inOrder);
		});
	},
);
