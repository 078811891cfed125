import { execFileSync } from 'node:child_process';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { makeKey, publicKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing())('host keys, on every hop', () => {
	let sshd: Sshd;
	let jump: Sshd;
	let other: string;
	let rsa: string;
	let host: Host | undefined;

	beforeAll(async () => {
		[sshd, jump] = await Promise.all([startSshd(), startSshd()]);
		await jump.authorise(sshd.identity);
		// The target's identityFile is not for the jump host.
		await copyFile(sshd.identity, join(sshd.home, '.ssh', 'id_ed25519'));
		other = makeKey(sshd.folder, 'other');
		rsa = makeKey(sshd.folder, 'rsa', 'rsa');
	});
	afterAll(() => Promise.all([sshd.stop(), jump.stop()]));
	afterEach(async () => {
		await host?.close();
		await rm(join(sshd.home, '.ssh', 'config'), { force: true });
	});

	const line = async (key: string, names: string) =>
		`${names} ${(await publicKey(key)).split(' ').slice(0, 2).join(' ')}`;
	const at = (server: Sshd) => `[127.0.0.1]:${server.port}`;
	const known = (...lines: string[]) => writeFile(sshd.knownHosts, `${lines.join('\n')}\n`);
	const open = (more: { jump?: string } = {}): Host => {
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport: 'ssh2', ...more } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		return host;
	};
	const through = () => ({ jump: `${jump.user}@127.0.0.1:${jump.port}` });
	const refusal = (more = {}): Promise<Error & { code: string; next: string }> =>
		open(more)
			.ready()
			.then(
				() => expect.fail('it was let in'),
				(error) => error,
			);
	const kinds = {
		unknown: {
			lines: async () => [],
			says: /is not known: ssh-ed25519 SHA256:/,
			next: /answer yes to the same fingerprint/,
		},
		changed: {
			lines: async (server: Sshd) => [await line(other, at(server))],
			says: /HAS CHANGED/,
			next: /ssh-keygen -R/,
		},
		revoked: {
			lines: async (server: Sshd) => [
				await line(server.hostKey, at(server)),
				await line(server.hostKey, `@revoked ${at(server)}`),
			],
			says: /is revoked by \S+known_hosts line \d/,
			next: /Do not connect/,
		},
		'of another type': {
			lines: async (server: Sshd) => [await line(rsa, at(server))],
			says: /another type than the known one/,
			next: /Compare/,
		},
		'known by an authority only': {
			lines: async (server: Sshd) => [await line(other, `@cert-authority ${at(server)}`)],
			says: /only through a certificate authority/,
			next: /ssh-keyscan/,
		},
	};
	const sentences = new Set<string>();

	it.each(Object.entries(kinds))('one that is %s is refused, of the jump host', async (_, { lines, says, next }) => {
		await known(await line(sshd.hostKey, at(sshd)), ...(await lines(jump)));
		const error = await refusal(through());
		expect(error).toMatchObject({ code: 'untrusted' });
		expect(error.message).toMatch(says);
		expect(error.message).toContain(`the jump host ${jump.user}@127.0.0.1:${jump.port}`);
		expect(error.next).toMatch(next);
		sentences.add(error.message.replaceAll(/SHA256:\S+|\d+/g, ''));
	});

	it.each(Object.entries(kinds))('one that is %s is refused, of the target behind it', async (_, { lines, says }) => {
		await known(await line(jump.hostKey, at(jump)), ...(await lines(sshd)));
		const error = await refusal(through());
		expect(error).toMatchObject({ code: 'untrusted' });
		expect(error.message).toMatch(says);
		expect(error.message).not.toContain('jump host');
		sentences.add(error.message.replaceAll(/SHA256:\S+|\d+/g, ''));
	});

	it('in sentences that are all different', () => {
		expect(sentences.size).toBe(2 * Object.keys(kinds).length);
	});

	it('is known hashed, by a pattern, and among other lines', async () => {
		for (const names of [at(sshd), `[127.0.0.*]:${sshd.port}`, `nowhere,[127.?.0.1]:*`]) {
			await known('# comment', 'garbage', await line(other, '192.0.2.1'), await line(sshd.hostKey, names));
			await open().ready();
			await host?.close();
		}
		await known(await line(sshd.hostKey, at(sshd)));
		execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
		await open().ready();
	});

	it('is not known by a pattern that leaves this host out', async () => {
		await known(await line(sshd.hostKey, `[127.0.0.*]:${sshd.port},!${at(sshd)}`));
		expect((await refusal()).message).toMatch(/is not known/);
	});

	it.each(['no', 'off', 'accept-new'])(
		'is checked with StrictHostKeyChecking %s too, and that is said',
		async (value) => {
			await writeFile(join(sshd.home, '.ssh', 'config'), `StrictHostKeyChecking ${value}\n`);
			await known('');
			const error = await refusal();
			expect(error.message).toMatch(/is not known/);
			expect(error.message).toMatch(/StrictHostKeyChecking (no|accept-new) .*is ignored: host keys are always checked/);
			expect(error.next).toContain('-o StrictHostKeyChecking=ask');
		},
	);

	it('is checked where ssh keeps no keys, and the next move says where to keep it', async () => {
		await writeFile(
			join(sshd.home, '.ssh', 'config'),
			'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nGlobalKnownHostsFile /dev/null\n',
		);
		const error = await refusal();
		expect(error).toMatchObject({ code: 'untrusted' });
		expect(error.next).toContain('`knownHosts` of the target');
	});

	it('of a known_hosts that cannot be read is not taken for known', async () => {
		await rm(sshd.knownHosts, { force: true });
		await writeFile(sshd.knownHosts, Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80]));
		expect((await refusal()).message).toMatch(/is not known/);
	});
});
