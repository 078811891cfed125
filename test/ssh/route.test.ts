import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { parseDestination } from '../../src/services/ssh/destination.ts';
import { resolveWay, routeOf } from '../../src/services/ssh/resolve.ts';
import { freePort, publicKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe('a destination', () => {
	it.each([
		['host', { host: 'host' }],
		['root@host', { user: 'root', host: 'host' }],
		['root@host:2222', { user: 'root', host: 'host', port: 2222 }],
		['a@b@host', { user: 'a@b', host: 'host' }],
		['::1', { host: '::1' }],
		['root@[::1]:2222', { user: 'root', host: '::1', port: 2222 }],
		['ssh://root@host:2222/', { user: 'root', host: 'host', port: 2222 }],
	])('%s is read', (text, expected) => {
		expect(parseDestination(text)).toEqual(expected);
	});

	it.each(['', 'root@', '@host', 'host:port', 'host:0', 'host:99999', '-oProxyCommand=x', 'a b', 'a;b', '$(x)'])(
		'`%s` is refused',
		(text) => {
			expect(() => parseDestination(text)).toThrow(expect.objectContaining({ code: 'config' }));
		},
	);
});

describe.skipIf(sshdMissing())('the way to a host', () => {
	let sshd: Sshd;
	let jump: Sshd;
	let configFile: string;
	let host: Host | undefined;
	const env = { PATH: process.env.PATH };

	beforeAll(async () => {
		[sshd, jump] = await Promise.all([startSshd(), startSshd()]);
		await jump.authorise(sshd.identity);
		configFile = join(sshd.folder, 'config');
		const hostKey = async (key: string) => (await publicKey(key)).split(' ').slice(0, 2).join(' ');
		const both = join(sshd.folder, 'both_known_hosts');
		await writeFile(
			both,
			`the-alias ${await hostKey(sshd.hostKey)}\n[127.0.0.1]:${sshd.port} ${await hostKey(sshd.hostKey)}\n[127.0.0.1]:${jump.port} ${await hostKey(jump.hostKey)}\n`,
		);
		await writeFile(
			configFile,
			[
				'Host prod',
				' HostName 127.0.0.1',
				` Port ${sshd.port}`,
				' HostKeyAlias the-alias',
				'Host by-jump',
				' HostName 127.0.0.1',
				` Port ${sshd.port}`,
				` ProxyJump ${jump.user}@127.0.0.1:${jump.port}`,
				'Host two-jumps',
				' ProxyJump a,b',
				'Host deep',
				' ProxyJump by-jump',
				'Host command',
				' ProxyCommand nc %h %p',
				'Host *',
				` User ${sshd.user}`,
				` IdentityFile ${sshd.folder}/%%/../id`,
				` IdentityFile ${sshd.identity}`,
				` UserKnownHostsFile ${both}`,
				' GlobalKnownHostsFile none',
				'',
			].join('\n'),
		);
	});
	afterAll(() => Promise.all([sshd.stop(), jump.stop()]));
	afterEach(() => host?.close());

	const open = (destination: string, ssh: Target['ssh'], retryFirst = true) => {
		host = openHost({ host: destination, ssh }, { home: sshd.home, env, retryFirst });
		return host;
	};

	it('is found by the name in ssh_config, with HostKeyAlias', async () => {
		await open('prod', { configFile }).ready();
		expect(host?.name).toBe('prod');
	});

	it('goes through one jump host of ssh_config', async () => {
		await open('by-jump', { configFile }).ready();
		const { stdout } = await open('by-jump', { configFile }).exec('echo $SSH_CONNECTION');
		expect(stdout.toString()).toContain(` ${sshd.port}`);
	});

	it('goes through the jump host of the target', async () => {
		await open('prod', { configFile, jump: `${jump.user}@127.0.0.1:${jump.port}` }).ready();
	});

	it('does not trust an unknown jump host', async () => {
		const unknown = {
			identityFile: sshd.identity,
			knownHosts: sshd.knownHosts,
			jump: `${jump.user}@127.0.0.1:${jump.port}`,
		};
		await expect(open(sshd.destination, unknown).ready()).rejects.toMatchObject({
			code: 'untrusted',
			message: expect.stringContaining(
				`the host key of the jump host ${jump.user}@127.0.0.1:${jump.port} is not known`,
			),
		});
	});

	it('says when the jump host cannot reach the host', async () => {
		const closed = await freePort();
		const ssh = { configFile, jump: `${jump.user}@127.0.0.1:${jump.port}` };
		await expect(open(`127.0.0.1:${closed}`, ssh, false).ready()).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringContaining(`the jump host ${jump.user}@127.0.0.1:${jump.port} cannot reach it`),
		});
	});

	it.each([
		['two-jumps', /more than one jump host, which ssh2 cannot do/],
		['deep', /more than one jump host, which ssh2 cannot do/],
		['command', /ProxyCommand, which ssh2 cannot do/],
		['no such\tname', /not an SSH destination/],
	])('%s is refused where ssh2 is to connect', async (name, message) => {
		await expect(open(name, { configFile, transport: 'ssh2' }).ready()).rejects.toMatchObject({
			code: 'config',
			message: expect.stringMatching(message),
		});
	});

	it('says when ssh cannot read the config', async () => {
		const broken = join(sshd.folder, 'broken');
		await writeFile(broken, 'Nonsense yes\n');
		await expect(open('prod', { configFile: broken }).ready()).rejects.toMatchObject({
			code: 'config',
			message: expect.stringMatching(/Bad configuration option: nonsense/i),
		});
	});

	it.each([
		['inet', 4],
		['inet6', 6],
		['any', 0],
	])('has the addresses that AddressFamily %s says', async (name, family) => {
		const file = join(sshd.folder, 'config of addresses');
		await writeFile(file, `Host *\nAddressFamily ${name}\n`);
		const [settings] = routeOf(await resolveWay(sshd.destination, { configFile: file }, { home: sshd.home, env }));
		expect(settings).toMatchObject({ family });
	});

	it('is guessed from defaults, and says so, where ssh is not installed', async () => {
		const elsewhere = { env: { PATH: '/nonexistent' }, home: '/home/somebody' };
		const [settings] = routeOf(await resolveWay(sshd.destination, {}, elsewhere));
		expect(settings).toMatchObject({
			user: sshd.user,
			hostname: '127.0.0.1',
			port: sshd.port,
			knownHosts: ['/home/somebody/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
			notes: ['ssh is not installed here, so ~/.ssh/config was not read'],
		});
	});
});
