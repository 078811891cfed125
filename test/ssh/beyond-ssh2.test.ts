import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshTransport } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

const number = (value: number): Buffer => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};
const string = (value: string | Buffer): Buffer => {
	const bytes = Buffer.from(value as string);
	return Buffer.concat([number(bytes.length), bytes]);
};

/** Writes the two files of a key that is in a device, which nobody has (PROTOCOL.key and PROTOCOL.u2f of OpenSSH). */
const makeHardwareKey = async (path: string): Promise<void> => {
	const type = 'sk-ssh-ed25519@openssh.com';
	const shown = Buffer.concat([string(type), string(randomBytes(32)), string('ssh:')]);
	const check = randomBytes(4);
	const secret = Buffer.concat([
		check,
		check,
		shown,
		Buffer.from([1]),
		string(randomBytes(64)),
		string(''),
		string('me'),
	]);
	const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
	const file = Buffer.concat([
		Buffer.from('openssh-key-v1\0'),
		...['none', 'none', ''].map(string),
		number(1),
		string(shown),
		string(Buffer.concat([secret, padding])),
	]);
	const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
	const frame = (word: string) => `-----${word} OPENSSH PRIVATE KEY-----`;
	await writeFile(path, `${[frame('BEGIN'), ...lines, frame('END')].join('\n')}\n`);
	await chmod(path, 0o600);
	await writeFile(`${path}.pub`, `${type} ${shown.toString('base64')} me\n`);
};

describe.skipIf(sshdMissing())('a login that only OpenSSH has the means for', () => {
	let sshd: Sshd;
	let host: Host | undefined;
	beforeAll(async () => {
		sshd = await startSshd();
	});
	afterEach(() => host?.close());
	afterAll(() => sshd.stop());

	const refused = async (
		transport: SshTransport,
		lines: readonly string[],
		env: Readonly<Record<string, string>> = {},
	): Promise<string> => {
		const configFile = join(sshd.folder, 'config of the test');
		const usual = [`UserKnownHostsFile ${sshd.knownHosts}`, 'IdentityAgent none', 'IdentitiesOnly yes'];
		await writeFile(configFile, `${['Host *', ...lines, ...usual].join('\n')}\n`);
		host = openHost(
			{ host: sshd.destination, ssh: { configFile, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH, ...env } },
		);
		return host.ready().then(
			() => 'it let us in',
			(error: Error) => error.message,
		);
	};

	it('by a key in a device: ssh2 names it, and OpenSSH asks the device', async () => {
		const key = join(sshd.folder, 'hardware');
		await makeHardwareKey(key);
		await sshd.authorise(key);
		const lines = [`IdentityFile ${key}`];
		expect(await refused('ssh2', lines)).toContain(`There is the hardware key ${key}, which ssh2 cannot use.`);
		await host?.close();
		// No device is there; that it was asked for says that the server would have taken the key.
		expect(await refused('auto', lines)).toMatch(/sign_and_send_pubkey: signing failed for ED25519-SK/);
	});

	it('by its host key: ssh2 names HostbasedAuthentication, and OpenSSH is tried', async () => {
		const lines = [`IdentityFile ${makeKey(sshd.folder, 'another')}`, 'HostbasedAuthentication yes'];
		expect(await refused('ssh2', lines)).toContain('There is HostbasedAuthentication, which ssh2 cannot use.');
		await host?.close();
		expect(await refused('auto', lines)).toMatch(/rejected the login; offered: .*\. It accepts: /);
	});

	it('by Kerberos: ssh2 names the ticket, and OpenSSH is tried', async () => {
		const lines = [`IdentityFile ${makeKey(sshd.folder, 'stranger')}`, 'GSSAPIAuthentication yes'];
		const ticket = { KRB5CCNAME: `FILE:${join(sshd.folder, 'ticket')}` };
		expect(await refused('ssh2', lines)).not.toContain('Kerberos');
		await host?.close();
		expect(await refused('ssh2', lines, ticket)).toContain('There is a Kerberos ticket, which ssh2 cannot use.');
		await host?.close();
		expect(await refused('auto', lines, ticket)).toMatch(/rejected the login; offered: key .*\. It accepts: /);
	});
});
