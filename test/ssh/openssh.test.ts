import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshTransport } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { namesIn, textOf } from '../helpers/proc.ts';
import { makeKey, publicKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

const plainKey = async (path: string) => (await publicKey(path)).split(' ').slice(0, 2).join(' ');

/** The commands of this machine that have a word among their arguments. */
const commandsWith = (word: string): readonly string[] =>
	namesIn('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.map((pid) => textOf(`/proc/${pid}/cmdline`).split('\0'))
		.filter((words) => words[0] === 'ssh' && words.includes(word))
		.map((words) => words.join(' '));

describe.skipIf(sshdMissing())('what only OpenSSH can do', () => {
	let sshd: Sshd;
	let jumps: readonly [Sshd, Sshd];
	let authority: string;
	let certified: string;
	let host: Host | undefined;
	const env = { PATH: process.env.PATH };

	beforeAll(async () => {
		sshd = await startSshd();
		jumps = await Promise.all([startSshd(), startSshd()]);
		await Promise.all(jumps.map((jump) => jump.authorise(sshd.identity)));
		authority = makeKey(sshd.folder, 'authority');
		certified = makeKey(sshd.folder, 'certified');
		execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', sshd.user, `${certified}.pub`]);
	});
	afterAll(() => Promise.all([sshd, ...jumps].map((server) => server.stop())));
	afterEach(() => host?.close());

	const at = ({ port }: Sshd) => `[127.0.0.1]:${port}`;
	const known = async (servers: readonly Sshd[]) =>
		(await Promise.all(servers.map(async (server) => `${at(server)} ${await plainKey(server.hostKey)}\n`))).join('');

	/** Opens a host whose ssh configuration has these lines, and a known_hosts file with this text. */
	const open = async (
		lines: readonly string[],
		hosts: string,
		more: { transport?: SshTransport; to?: Sshd; retryFirst?: boolean } = {},
	) => {
		const { transport = 'auto', to = sshd, retryFirst = true } = more;
		const knownHosts = join(sshd.folder, 'hosts of the test');
		const configFile = join(sshd.folder, 'config of the test');
		await writeFile(knownHosts, hosts);
		const usual = [
			'Host *',
			`UserKnownHostsFile "${knownHosts}"`,
			'GlobalKnownHostsFile none',
			`IdentityFile ${sshd.identity}`,
			`User ${sshd.user}`,
		];
		await writeFile(configFile, `${[...lines, ...usual].join('\n')}\n`);
		host = openHost(
			{ host: `127.0.0.1:${to.port}`, ssh: { configFile, transport } },
			{ home: sshd.home, env, retryFirst },
		);
		return host;
	};
	const hello = async () => (await host?.exec('echo hello'))?.stdout.toString();
	const jumpNames = () => jumps.map((jump) => `${jump.user}@127.0.0.1:${jump.port}`).join(',');

	it('is not asked for where ssh2 can do it', async () => {
		await open([], await known([sshd]));
		expect(await hello()).toBe('hello\n');
		expect(host?.link.get().transport).toBe('ssh2');
	});

	it('reaches a host through two jump hosts', async () => {
		const [first, second] = jumps;
		await open(
			['Host target', ' HostName 127.0.0.1', ` Port ${sshd.port}`, ` ProxyJump ${jumpNames()}`],
			await known([sshd, first, second]),
		);
		await host?.close();
		const configFile = join(sshd.folder, 'config of the test');
		host = openHost({ host: 'target', ssh: { configFile } }, { home: sshd.home, env });
		expect((await host.exec('echo $SSH_CONNECTION')).stdout.toString()).toContain(` ${sshd.port}`);
		expect(host.link.get().transport).toBe(`OpenSSH, because of more than one jump host`);
	});

	it('reaches a host through a ProxyCommand', async () => {
		const configFile = join(sshd.folder, 'of the jump');
		await writeFile(configFile, `Host *\nIdentityFile ${sshd.identity}\nUserKnownHostsFile ${jumps[0].knownHosts}\n`);
		await open(
			[`ProxyCommand ssh -F "${configFile}" -p ${jumps[0].port} -W %h:%p ${jumps[0].user}@127.0.0.1`],
			await known([sshd]),
		);
		expect(await hello()).toBe('hello\n');
		expect(host?.link.get().transport).toBe('OpenSSH, because of a ProxyCommand');
	});

	it('says in its own words why a ProxyCommand failed, and tries again', async () => {
		await open([`ProxyCommand sh -c 'echo "the tunnel is closed" >&2; exit 3'`], await known([sshd]));
		await expect.poll(() => host?.link.get().retryAt).toBeDefined();
		expect(host?.link.get().reason).toMatch(/^cannot reach .*: the tunnel is closed$/);
	});

	it('logs in with a user certificate', async () => {
		const server = await startSshd([`TrustedUserCAKeys ${authority}.pub`]);
		try {
			await open([`IdentityFile ${certified}`, 'IdentitiesOnly yes'], await known([server]), { to: server });
			expect(await hello()).toBe('hello\n');
			expect(host?.link.get().transport).toBe(`OpenSSH, because of the certificate ${certified}-cert.pub`);
			await host?.close();
			await open([`IdentityFile ${certified}`], await known([server]), { to: server, transport: 'ssh2' });
			await expect(host?.ready()).rejects.toMatchObject({
				code: 'untrusted',
				message: expect.stringContaining(`There is the certificate ${certified}-cert.pub, which ssh2 cannot use.`),
				next: expect.stringContaining('transport'),
			});
			await host?.close();
		} finally {
			await server.stop();
		}
	});

	it('trusts a host by its certificate, and only by a known authority', async () => {
		const hostKey = makeKey(sshd.folder, 'host-with-certificate');
		execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'it', '-h', '-n', '127.0.0.1', `${hostKey}.pub`]);
		const server = await startSshd([`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`]);
		await server.authorise(sshd.identity);
		try {
			await open([], `@cert-authority * ${await plainKey(authority)}\n`, { to: server });
			expect(await hello()).toBe('hello\n');
			expect(host?.link.get().transport).toBe('OpenSSH, because of a host certificate');
			await host?.close();
			await open([], `@cert-authority * ${await plainKey(certified)}\n`, { to: server });
			await expect(host?.ready()).rejects.toMatchObject({
				code: 'untrusted',
				message: expect.stringMatching(/not known/),
			});
			await host?.close();
		} finally {
			await server.stop();
		}
	});

	it('agrees on an algorithm that ssh2 does not have, which ssh2 says', async () => {
		const strict = await startSshd(['KexAlgorithms sntrup761x25519-sha512@openssh.com']);
		try {
			await strict.authorise(sshd.identity);
			await open([], await known([strict]), { to: strict, transport: 'ssh2', retryFirst: false });
			await expect(host?.ready()).rejects.toThrow(
				/There is an algorithm that the server insists on, which ssh2 cannot use/,
			);
			await host?.close();
			await open([], await known([strict]), { to: strict });
			expect(await hello()).toBe('hello\n');
			expect(host?.link.get().transport).toBe('OpenSSH, because of an algorithm that the server insists on');
		} finally {
			await host?.close();
			await strict.stop();
		}
	});

	it('refuses a host key that a binary list of RevokedHostKeys has', async () => {
		const list = join(sshd.folder, 'revoked keys');
		execFileSync('ssh-keygen', ['-q', '-k', '-f', list, `${sshd.hostKey}.pub`]);
		await open([`RevokedHostKeys "${list}"`], await known([sshd]), { transport: 'openssh' });
		await expect(host?.ready()).rejects.toThrow(/revoked/i);
		await host?.close();
		// A list with another key of the same kind revokes nothing of this server.
		execFileSync('ssh-keygen', ['-q', '-k', '-f', list, `${authority}.pub`]);
		await open([`RevokedHostKeys "${list}"`], await known([sshd]), { transport: 'openssh' });
		expect(await hello()).toBe('hello\n');
	});

	it('is not needed to refuse a host key that a plain list of RevokedHostKeys has', async () => {
		const list = join(sshd.folder, 'revoked keys');
		await writeFile(list, `${await publicKey(sshd.hostKey)}\n`);
		await open([`RevokedHostKeys "${list}"`], await known([sshd]), { transport: 'ssh2' });
		await expect(host?.ready()).rejects.toThrow(/is revoked by .*revoked keys/);
	});

	it('asks a KnownHostsCommand for keys', async () => {
		const file = join(sshd.folder, 'keys');
		await writeFile(file, await known([sshd]));
		await open([`KnownHostsCommand /bin/cat ${file}`], '');
		expect(await hello()).toBe('hello\n');
		expect(host?.link.get().transport).toBe('OpenSSH, because of a KnownHostsCommand');
	});

	it.each(['BindAddress 127.0.0.9', 'BindInterface lo'])('connects from where %s says', async (line) => {
		await open([line], await known([sshd]));
		const from = (await host?.exec('echo $SSH_CONNECTION'))?.stdout.toString();
		expect(from).toMatch(line.startsWith('BindAddress') ? /^127\.0\.0\.9 / : /^127\./);
		expect(host?.link.get().transport).toBe(`OpenSSH, because of a ${line.split(' ')[0]}`);
	});

	it('asks a PKCS11Provider for keys', async () => {
		const provider = join(sshd.folder, 'not-there.so');
		await open([`PKCS11Provider ${provider}`], await known([sshd]));
		expect(await hello()).toBe('hello\n');
		expect(host?.link.get().transport).toBe('OpenSSH, because of a PKCS11Provider');
		await host?.close();
		const lines = ['IdentitiesOnly yes', `IdentityFile ${sshd.folder}/none`, `PKCS11Provider ${provider}`];
		const stranger = await startSshd();
		try {
			await open(lines, await known([stranger]), { to: stranger, transport: 'ssh2' });
			await expect(host?.ready()).rejects.toThrow(/There is a PKCS11Provider, which ssh2 cannot use/);
		} finally {
			await host?.close();
			await stranger.stop();
		}
	});

	it.each(['PubkeyAuthentication no', 'PreferredAuthentications password'])('offers no key with %s', async (line) => {
		await open([line], await known([sshd]));
		await expect(host?.ready()).rejects.toMatchObject({ code: 'untrusted' });
		expect(host?.link.get().transport ?? 'OpenSSH').toContain('OpenSSH');
		await host?.close();
		await open([line, 'Host other'], await known([sshd]), { transport: 'ssh2' });
		expect(await hello()).toBe('hello\n');
	});

	it.each(['no', 'accept-new', 'ask'])(
		'checks the key of the host and of every jump host with StrictHostKeyChecking %s too',
		async (value) => {
			const [first, second] = jumps;
			const lines = ['Host target', ' HostName 127.0.0.1', ` Port ${sshd.port}`, ` ProxyJump ${jumpNames()}`];
			const strict = ['Host *', `StrictHostKeyChecking ${value}`, 'NoHostAuthenticationForLocalhost yes'];
			const all = [sshd, first, second];
			for (const unknown of all) {
				const hosts = await known(all.filter((server) => server !== unknown));
				await open([...lines, ...strict], hosts);
				await host?.close();
				const configFile = join(sshd.folder, 'config of the test');
				const asked: string[] = [];
				host = openHost(
					{ host: 'target', ssh: { configFile } },
					{
						home: sshd.home,
						env,
						ask: async ({ prompt }) => {
							asked.push(prompt);
							return 'yes';
						},
					},
				);
				await expect(host.ready()).rejects.toMatchObject({
					code: 'untrusted',
					message: expect.stringMatching(new RegExp(`127.0.0.1:${unknown.port} is not known: ssh-ed25519 SHA256:`)),
				});
				expect(asked).toEqual([]);
				expect(textOf(join(sshd.folder, 'hosts of the test'))).toBe(hosts);
				await host.close();
			}
		},
	);

	it('leaves no process and no folder behind when it is closed', async () => {
		await open([], await known([sshd]), { transport: 'openssh' });
		await hello();
		const [command = ''] = commandsWith(String(sshd.port));
		const folder = /-S (\S+)\/master/.exec(command)?.[1] ?? '';
		expect(existsSync(join(folder, 'master'))).toBe(true);
		await host?.close();
		expect(commandsWith(String(sshd.port))).toEqual([]);
		expect(existsSync(folder)).toBe(false);
	});

	it('ends with the program, however that ends', async () => {
		const files = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
		const ssh = {
			identityFile: sshd.identity,
			transport: 'openssh',
			jump: `${jumps[0].user}@127.0.0.1:${jumps[0].port}`,
		};
		await writeFile(sshd.knownHosts, await known([sshd, jumps[0]]));
		await copyFile(sshd.identity, join(sshd.home, '.ssh', 'id_ed25519'));
		const program = `
			import { openHost } from ${JSON.stringify(files('src/services/host/open.ts'))};
			const host = openHost(${JSON.stringify({ host: sshd.destination, ssh })}, ${JSON.stringify({ home: sshd.home })});
			await host.exec('true');
			console.log('up');
		`;
		const child = execFile(process.execPath, [
			'--no-warnings',
			'--import',
			files('scripts/text-files.ts'),
			'--input-type=module',
			'-e',
			program,
		]);
		let said = '';
		child.stderr?.on('data', (text: string) => {
			said += text;
		});
		const up = await new Promise<string>((resolve) => {
			child.stdout?.once('data', resolve);
			child.once('exit', () => resolve(said));
		});
		expect(up).toBe('up\n');
		const [command = '', ...others] = commandsWith(String(sshd.port));
		expect(others).toEqual([]);
		const folder = /-S (\S+)\/master/.exec(command)?.[1] ?? '';
		expect(existsSync(folder)).toBe(true);
		child.kill('SIGKILL');
		await expect.poll(() => commandsWith(String(sshd.port))).toEqual([]);
		await expect.poll(() => commandsWith(String(jumps[0].port))).toEqual([]);
		await expect.poll(() => existsSync(folder)).toBe(false);
	});
});
