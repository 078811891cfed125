import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

describe.skipIf(sshdMissing())('a key with a passphrase, in a real terminal', () => {
	let sshd: Sshd;
	let folder: string;
	let pty: Pty;

	beforeAll(async () => {
		sshd = await startSshd();
		folder = mkdtempSync(join(tmpdir(), 'backout-'));
		const key = makeKey(folder, 'locked', 'ed25519', 'open sesame');
		await sshd.authorise(key);
		writeFileSync(
			join(folder, 'backout.yaml'),
			`targets:\n  production:\n    host: ${sshd.destination}\n    directory: ${folder}\n    knownHosts: ${sshd.knownHosts}\n    identityFile: ${key}\n`,
		);
	});
	afterEach(() => pty?.close());
	afterAll(async () => {
		await sshd.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	const open = (...args: string[]) => {
		pty = startInPty(process.execPath, [program, ...args], { cwd: folder, env: { SSH_AUTH_SOCK: undefined } });
		return pty;
	};
	/** A dialog takes no keys in its first moment; a person types again. */
	const answer = async (text: string) => {
		for (;;) {
			pty.send('x');
			const taken = await pty.waitFor('•', 400).then(
				() => true,
				() => false,
			);
			if (taken) {
				break;
			}
		}
		pty.press('ctrl-u');
		pty.send(text);
		pty.press('enter');
	};

	test('the dashboard asks, once more when it was wrong, and is then connected', async () => {
		open();
		await pty.waitFor('Passphrase for');
		await answer('wrong');
		await pty.waitFor('Wrong passphrase.');
		await answer('open sesame');
		await pty.waitFor('link up');
		expect(pty.raw).not.toContain('sesame');
		pty.press('q');
		expect((await pty.exited).code).toBe(0);
	});

	test('Esc leaves the key locked; the dashboard says so, and R asks again', async () => {
		open();
		await pty.waitFor('Passphrase for');
		const timer = setInterval(() => pty.press('esc'), 300);
		await pty.waitFor(/refused.*rejected the login/s).finally(() => clearInterval(timer));
		pty.press('R');
		await pty.waitFor('Passphrase for');
	});

	test('a command asks without showing what is typed', async () => {
		open('runs');
		await pty.waitFor('Passphrase for');
		pty.send('wrong\r');
		await pty.waitFor('Wrong passphrase.');
		pty.send('open sesame\r');
		expect((await pty.exited).code).toBe(0);
		expect(pty.raw).not.toMatch(/sesame|wrong\r/);
	});

	test('Ctrl-C at the question ends the command, and Ctrl-D gives no answer', async () => {
		open('runs');
		await pty.waitFor('Passphrase for');
		pty.press('ctrl-c');
		expect((await pty.exited).code).toBe(130);
		await pty.close();
		open('runs');
		await pty.waitFor('Passphrase for');
		pty.press('ctrl-d');
		await pty.waitFor('was not unlocked');
		expect((await pty.exited).code).toBe(3);
	});
});
