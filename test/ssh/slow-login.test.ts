import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { createLoginTime } from '../../src/services/host/login-time.ts';
import { openHost } from '../../src/services/host/open.ts';
import { runScript } from '../../src/services/host/run-script.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing())('a login whose startup files take three seconds', () => {
	let sshd: Sshd;
	let host: Host;
	beforeAll(async () => {
		sshd = await startSshd(['ForceCommand sleep 3; exec sh -c "$SSH_ORIGINAL_COMMAND"']);
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
	});
	afterAll(async () => {
		await host.close();
		await sshd.stop();
	});

	it('is waited for, and named', async () => {
		await host.ready();
		const ask = { purpose: 'say something', timeoutMs: 2900 };
		const answers = await Promise.all(['one', 'two', 'three'].map((word) => runScript(host, `echo ${word}`, ask)));
		expect(answers.map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n', 'three\n']);
		expect(host.link.get().loginMs).toBeGreaterThanOrEqual(2900);
		await expect(host.exec('sleep 60', { timeoutMs: 500 })).rejects.toMatchObject({
			message: expect.stringMatching(/^the host took longer than \d+(\.\d)? s to answer$/),
			next: expect.stringMatching(/the login's startup files take \d s: every command waits for them.*~\/\.bashrc/),
		});
	});
});

it('a login is not slow because one command was, nor once another was quick', () => {
	const told: (number | undefined)[] = [];
	const login = createLoginTime((ms) => told.push(ms));
	expect(login.extraFor(15_000)).toBe(15_000);
	expect(login.extraFor(300)).toBe(300);
	login.note(6000);
	login.note(7000);
	expect(told).toEqual([]);
	expect(login.extraFor(300)).toBe(9000);
	login.note(6500);
	expect(told).toEqual([6000]);
	expect(login.slowMs).toBe(6000);
	login.note(40);
	expect(told).toEqual([6000, undefined]);
	expect(login.extraFor(300)).toBe(0);
});
