import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { type OpenHostOptions, openHost } from '../../src/services/host/open.ts';
import type { AuthPrompt } from '../../src/services/ssh/auth-prompt.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('letting in, by %s', (transport) => {
	let sshd: Sshd;
	let locked: string;
	let stranger: string;
	let host: Host | undefined;
	const environment = { PATH: process.env.PATH };

	beforeAll(async () => {
		sshd = await startSshd();
		locked = makeKey(sshd.folder, 'locked', 'ed25519', 'open sesame');
		stranger = makeKey(sshd.folder, 'stranger');
		await sshd.authorise(locked);
	});
	afterAll(() => sshd.stop());
	afterEach(() => host?.close());

	const open = (ssh: Target['ssh'], options: OpenHostOptions = {}, destination = sshd.destination): Host => {
		host = openHost(
			{ host: destination, ssh: { ...ssh, transport } },
			{ home: sshd.home, env: environment, ...options },
		);
		return host;
	};

	it.each(['rsa', 'ecdsa', 'ed25519'])('takes a %s key', async (type) => {
		const key = makeKey(sshd.folder, `key-${type}`, type);
		await sshd.authorise(key);
		await open({ identityFile: key }).ready();
	});

	it.each(['rsa', 'ecdsa'])('takes a %s key in PKCS#8', async (type) => {
		const key = makeKey(sshd.folder, `pkcs8-${type}`, type);
		await sshd.authorise(key);
		execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PKCS8', '-N', '', '-P', '', '-f', key], { stdio: 'ignore' });
		expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
		await open({ identityFile: key }).ready();
	});

	it('asks once for the passphrase of a locked key, also over a reconnect', async () => {
		const questions: AuthPrompt[] = [];
		const answers = ['wrong', 'open sesame'];
		open(
			{ identityFile: locked },
			{
				ask: async (question) => {
					questions.push(question);
					return answers.shift();
				},
			},
		);
		await host?.ready();
		expect(questions).toMatchObject([
			{ kind: 'passphrase', prompt: `Passphrase for ${locked}`, host: sshd.destination },
			{ kind: 'passphrase', prompt: expect.stringMatching(/^Wrong passphrase/) },
		]);
		const again = new Promise<void>((resolve) => {
			let down = false;
			host?.link.subscribe(() => {
				const { status } = host?.link.get() ?? {};
				down ||= status !== 'up';
				if (down && status === 'up') {
					resolve();
				}
			});
		});
		// Ends the server's side of this connection.
		await host?.exec('kill -9 $PPID').catch(() => {});
		await again;
		expect(questions).toHaveLength(2);
	});

	it('names the locked key when there is nobody to ask', async () => {
		await expect(open({ identityFile: locked }).ready()).rejects.toMatchObject({
			code: 'untrusted',
			message: expect.stringContaining(`The key ${locked} needs a passphrase`),
			next: `Unlock the key first: \`ssh-add ${locked}\`.`,
		});
	});

	it('says what was offered when no key is accepted, and stays refused', async () => {
		const error = await open({ identityFile: stranger })
			.ready()
			.catch((error) => error);
		expect(error).toMatchObject({ code: 'untrusted', next: expect.stringContaining('identityFile') });
		expect(error.message).toMatch(
			/rejected the login; offered: key \S+stranger \(SHA256:\S+\)\. It accepts: publickey\./,
		);
		expect(host?.link.get().status).toBe('refused');
		expect(host?.link.get().retryAt).toBeUndefined();
	});

	it('says when the key file is missing', async () => {
		const missing = join(sshd.folder, 'missing');
		await expect(open({ identityFile: missing }).ready()).rejects.toThrow(
			`${missing} cannot be used (it does not exist)`,
		);
	});

	it('names a dead agent', async () => {
		const env = { ...environment, SSH_AUTH_SOCK: join(sshd.folder, 'dead.sock') };
		await expect(open({}, { env }).ready()).rejects.toThrow(/agent at \S+dead.sock does not answer/);
	});

	it('uses a default key of the home folder', async () => {
		const home = join(sshd.folder, 'second-home');
		await mkdir(join(home, '.ssh'), { recursive: true });
		execFileSync('cp', [sshd.identity, join(home, '.ssh', 'id_ed25519')]);
		await open({ knownHosts: sshd.knownHosts }, { home }).ready();
	});

	describe('with an agent', () => {
		let agent: { socket: string; pid: number };

		beforeAll(() => {
			const socket = join(sshd.folder, 'agent.sock');
			const said = execFileSync('ssh-agent', ['-s', '-a', socket]).toString();
			agent = { socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]) };
			const add = (...keys: string[]) =>
				execFileSync('ssh-add', ['-q', ...keys], { env: { ...environment, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
			// More than the six an sshd lets one try.
			add(...Array.from({ length: 7 }, (_, index) => makeKey(sshd.folder, `noise${index}`)), sshd.identity);
		});
		afterAll(() => process.kill(agent.pid));

		const env = () => ({ ...environment, SSH_AUTH_SOCK: agent.socket });

		it('fails when it holds too many keys, and says what to do', async () => {
			await expect(open({}, { env: env() }).ready()).rejects.toMatchObject({
				code: 'untrusted',
				message: expect.stringMatching(/too many authentication failures.*agent key noise0/i),
				next: expect.stringContaining('IdentitiesOnly'),
			});
		});

		it('offers the configured key first, from the agent when only that has it', async () => {
			// Only the public half is on disk, as with keys in an agent.
			const half = join(sshd.folder, 'half');
			execFileSync('cp', [`${sshd.identity}.pub`, half]);
			await open({ identityFile: half }, { env: env() }).ready();
		});

		it('offers only named keys with IdentitiesOnly', async () => {
			const configFile = join(sshd.folder, 'only');
			await writeFile(configFile, `Host *\n IdentitiesOnly yes\n IdentityFile ${stranger}\n`);
			const error = await open({ configFile, knownHosts: sshd.knownHosts }, { env: env() })
				.ready()
				.catch((error) => error);
			expect(error.message).toContain('stranger');
			expect(error.message).not.toContain('noise');
		});
	});
});
