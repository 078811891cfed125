import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { programMissing } from '../helpers/program-missing.ts';
import { freePort, makeKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

const missing =
	sshdMissing() ??
	(process.env.BACKOUT_LAB === 'required' ? undefined : programMissing('/usr/sbin/krb5kdc', 'krb5-kdc')) ??
	(process.env.BACKOUT_LAB === 'required' ? undefined : programMissing('/usr/bin/kinit', 'krb5-user'));

const isOpen = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});

describe.skipIf(missing)(`a realm of Kerberos${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
	const { username } = userInfo();
	let folder: string;
	let kdc: ChildProcess;
	let sshd: Sshd;
	let host: Host | undefined;
	let before: NodeJS.ProcessEnv;
	const ticket = () => `FILE:${join(folder, 'ticket')}`;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'backout-realm-'));
		const port = await freePort();
		const config = join(folder, 'krb5.conf');
		const realm = [
			...['[libdefaults]', 'default_realm = TEST.INVALID', 'dns_canonicalize_hostname = false', 'rdns = false'],
			...['dns_lookup_kdc = false', 'dns_lookup_realm = false'],
			...['[realms]', 'TEST.INVALID = {', `kdc = 127.0.0.1:${port}`, '}'],
			...['[domain_realm]', '127.0.0.1 = TEST.INVALID'],
		];
		writeFileSync(config, `${realm.join('\n')}\n`);
		const ofServer = [
			...['[kdcdefaults]', `kdc_listen = 127.0.0.1:${port}`, `kdc_tcp_listen = 127.0.0.1:${port}`],
			...['[realms]', 'TEST.INVALID = {', `database_name = ${folder}/principal`, `key_stash_file = ${folder}/stash`],
			...[`acl_file = ${folder}/acl`, '}', '[logging]', `kdc = FILE:${folder}/kdc.log`],
		];
		writeFileSync(join(folder, 'kdc.conf'), `${ofServer.join('\n')}\n`);
		before = { ...process.env };
		Object.assign(process.env, {
			KRB5_CONFIG: config,
			KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
			KRB5_KTNAME: `FILE:${join(folder, 'keytab')}`,
			KRB5RCACHETYPE: 'none',
		});
		const quiet = { stdio: 'pipe' } as const;
		execFileSync('/usr/sbin/kdb5_util', ['create', '-s', '-r', 'TEST.INVALID', '-P', 'master'], quiet);
		for (const query of [
			...[`addprinc -pw secret ${username}`, 'addprinc -randkey host/127.0.0.1'],
			`ktadd -k ${join(folder, 'keytab')} host/127.0.0.1`,
		]) {
			execFileSync('/usr/sbin/kadmin.local', ['-r', 'TEST.INVALID', '-q', query], quiet);
		}
		kdc = spawn('/usr/sbin/krb5kdc', ['-n', '-r', 'TEST.INVALID', '-P', join(folder, 'kdc.pid')], { stdio: 'ignore' });
		while (!(await isOpen(port))) {
			expect(kdc.exitCode).toBeNull();
			await later(50);
		}
		sshd = await startSshd(['GSSAPIAuthentication yes', 'GSSAPIStrictAcceptorCheck no']);
	}, 120_000);
	afterEach(() => host?.close());
	afterAll(async () => {
		await sshd?.stop();
		if (kdc?.exitCode === null) {
			const ended = new Promise((resolve) => kdc.once('exit', resolve));
			kdc.kill();
			await ended;
		}
		process.env = before;
		rmSync(folder, { recursive: true, force: true });
	});

	/** Runs a command on the host, with a key that the server does not know, and the ticket. */
	const login = async (): Promise<string> => {
		const configFile = join(folder, 'ssh_config');
		const lines = [
			...['Host *', `IdentityFile ${join(folder, 'stranger')}`, 'IdentitiesOnly yes', 'IdentityAgent none'],
			...['GSSAPIAuthentication yes', `UserKnownHostsFile ${sshd.knownHosts}`],
		];
		writeFileSync(configFile, `${lines.join('\n')}\n`);
		const { PATH, KRB5_CONFIG } = process.env;
		host = openHost(
			{ host: sshd.destination, ssh: { configFile, transport: 'auto' } },
			{ home: sshd.home, env: { PATH, KRB5_CONFIG, KRB5CCNAME: ticket() } },
		);
		try {
			return (await host.exec('echo let in')).stdout.toString().trim();
		} catch (error) {
			return (error as Error).message;
		}
	};

	it('lets in who has a ticket, by OpenSSH, and nobody else', async () => {
		makeKey(folder, 'stranger');
		expect(await login()).toMatch(/rejected the login/);
		await host?.close();
		execFileSync('/usr/bin/kinit', ['-c', ticket(), username], { input: 'secret\n', stdio: ['pipe', 'pipe', 'pipe'] });
		expect(await login()).toBe('let in');
	});
});
