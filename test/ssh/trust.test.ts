import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { makeKey, publicKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('the host key, by %s', (transport) => {
	let sshd: Sshd;
	let other: string;
	let rsa: string;
	let host: Host | undefined;

	beforeAll(async () => {
		sshd = await startSshd();
		other = makeKey(sshd.folder, 'other');
		rsa = makeKey(sshd.folder, 'rsa', 'rsa');
	});
	afterAll(() => sshd.stop());
	beforeEach(() => rm(sshd.knownHosts, { force: true }));
	afterEach(() => host?.close());

	const known = async (...lines: string[]) => writeFile(sshd.knownHosts, `${lines.join('\n')}\n`);
	const line = async (key: string, name = `[127.0.0.1]:${sshd.port}`) =>
		`${name} ${(await publicKey(key)).split(' ').slice(0, 2).join(' ')}`;
	const refused = async (): Promise<Error & { code: string; next: string }> => {
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		const error = await host.ready().then(
			() => undefined,
			(error) => error,
		);
		expect(error).toMatchObject({ name: 'BackoutError', code: 'untrusted' });
		expect(host.link.get()).toMatchObject({ status: 'refused', reason: error.message, next: error.next });
		return error;
	};

	it('that is unknown is refused, with its fingerprint and how to verify it', async () => {
		const error = await refused();
		expect(error.message).toMatch(/is not known: ssh-ed25519 SHA256:\S{43}$/);
		expect(error.next).toContain(`\`ssh -p ${sshd.port} ${sshd.user}@127.0.0.1\``);
	});

	it('that changed is refused, and both fingerprints are shown', async () => {
		await known('# a comment', await line(other));
		const error = await refused();
		expect(error.message).toMatch(
			/HAS CHANGED: it presented ssh-ed25519 SHA256:\S+, but \S+known_hosts line 2 has SHA256:/,
		);
		expect(error.next).toContain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}'`);
	});

	it('that is revoked is refused', async () => {
		await known(await line(sshd.hostKey), await line(sshd.hostKey, '@revoked *'));
		const error = await refused();
		expect(error.message).toMatch(
			transport === 'ssh2' ? /is revoked by \S+known_hosts line 2/ : /is revoked: ssh-ed25519 SHA256:/,
		);
		expect(error.next).toMatch(/Do not connect/);
	});

	it('of another type than the known one is refused', async () => {
		await known(await line(rsa));
		expect((await refused()).message).toMatch(
			transport === 'ssh2'
				? /another type than the known one: ssh-ed25519 .* has ssh-rsa SHA256:/
				: /HAS CHANGED: it presented ssh-ed25519 SHA256:\S+, but \S+ line 1 has SHA256:/,
		);
	});

	it('of a host known only by a certificate authority is refused when it has no certificate', async () => {
		await known(await line(other, '@cert-authority *'));
		expect((await refused()).message).toMatch(
			transport === 'ssh2' ? /only through a certificate authority/ : /is not known: ssh-ed25519/,
		);
	});

	it('is accepted without its port, as ssh does, but not another one', async () => {
		await known(await line(sshd.hostKey, '127.0.0.1'));
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		await host.ready();
		await host.close();
		await known(await line(other, '127.0.0.1'));
		expect((await refused()).message).toMatch(/is not known/);
	});

	it('is looked up anew when asked to try again', async () => {
		await refused();
		await expect(host?.exec('true')).rejects.toMatchObject({ code: 'untrusted' });
		await known(await line(sshd.hostKey));
		const up = new Promise<void>((resolve) => {
			host?.link.subscribe(() => host?.link.get().status === 'up' && resolve());
		});
		host?.reconnect();
		await up;
		expect((await host?.exec('echo in'))?.stdout.toString()).toBe('in\n');
	});

	it('is read from the target own file when it names one', async () => {
		const own = join(sshd.folder, 'own_known_hosts');
		await writeFile(own, await line(sshd.hostKey));
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity, knownHosts: own, transport } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		await host.ready();
	});
});
