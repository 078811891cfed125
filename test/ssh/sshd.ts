import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { programMissing } from '../helpers/program-missing.ts';

const program = '/usr/sbin/sshd';

/** The reason why no sshd can be started here; undefined when it can. With BACKOUT_LAB=required that is an error. */
export const sshdMissing = (): string | undefined => programMissing(program, 'openssh-server');

export const freePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});

/** Makes a key pair and gives the private file's path. */
export const makeKey = (folder: string, name: string, type = 'ed25519', passphrase = ''): string => {
	const path = join(folder, name);
	execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path]);
	return path;
};

export const publicKey = async (path: string): Promise<string> => (await readFile(`${path}.pub`, 'utf8')).trim();

export interface Sshd {
	/** Process id of the server itself; each connection has processes below it. */
	readonly pid: number;
	readonly port: number;
	readonly user: string;
	/** `user@127.0.0.1:port`. */
	readonly destination: string;
	readonly folder: string;
	/** A home folder with .ssh, its known_hosts filled in, and an authorised key `id`. */
	readonly home: string;
	readonly knownHosts: string;
	/** The authorised private key. */
	readonly identity: string;
	readonly hostKey: string;
	/** Allows one more key to log in. */
	authorise(identity: string): Promise<void>;
	/** What it has logged. */
	log(): string;
	stop(): Promise<void>;
}

const waitForPort = async (port: number, child: ChildProcess): Promise<void> => {
	for (;;) {
		if (child.exitCode !== null) {
			throw new Error(`sshd ended with ${child.exitCode}`);
		}
		const open = await new Promise<boolean>((resolve) => {
			const socket = connect(port, '127.0.0.1', () => {
				socket.destroy();
				resolve(true);
			});
			socket.once('error', () => resolve(false));
		});
		if (open) {
			return;
		}
	}
};

/** Starts a real sshd on a free loopback port with keys of its own; `extra` are lines of sshd_config. */
export const startSshd = async (extra: readonly string[] = [], hostKeyType = 'ed25519'): Promise<Sshd> => {
	const folder = await mkdtemp(join(tmpdir(), 'backout-sshd-'));
	const home = join(folder, 'home');
	await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
	const hostKey = makeKey(folder, 'host', hostKeyType);
	const identity = makeKey(folder, 'id');
	const port = await freePort();
	const authorised = join(folder, 'authorized_keys');
	await writeFile(authorised, `${await publicKey(identity)}\n`, { mode: 0o600 });
	const config = join(folder, 'sshd_config');
	const lines = [
		`Port ${port}`,
		'ListenAddress 127.0.0.1',
		`HostKey ${hostKey}`,
		`AuthorizedKeysFile ${authorised}`,
		`PidFile ${join(folder, 'sshd.pid')}`,
		'StrictModes no',
		'UsePAM no',
		'PasswordAuthentication no',
		'KbdInteractiveAuthentication no',
		'PermitRootLogin yes',
		'PrintMotd no',
		'MaxStartups 100',
		'AllowStreamLocalForwarding yes',
		// A bash that sshd starts reads ~/.bashrc at the first level (bash(1)): the user's own, which may take its time.
		'SetEnv SHLVL=1',
	];
	// Of most keywords sshd takes the first value, of MaxStartups the last: the test's own are alone.
	const keyword = (line: string) => line.split(' ')[0];
	const others = lines.filter((line) => !extra.some((own) => keyword(own) === keyword(line)));
	await writeFile(config, `${[...extra, ...others].join('\n')}\n`);
	if (process.getuid?.() === 0) {
		await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
	}
	const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
	let log = '';
	child.stderr?.on('data', (chunk: Buffer) => {
		log += chunk.toString();
	});
	await waitForPort(port, child).catch((error: Error) => {
		throw new Error(`${error.message}: ${log}`);
	});
	const knownHosts = join(home, '.ssh', 'known_hosts');
	const [type, key] = (await publicKey(hostKey)).split(' ');
	await writeFile(knownHosts, `[127.0.0.1]:${port} ${type} ${key}\n`);
	const user = userInfo().username;
	return {
		pid: child.pid ?? 0,
		port,
		user,
		destination: `${user}@127.0.0.1:${port}`,
		folder,
		home,
		knownHosts,
		identity,
		hostKey,
		authorise: async (path) => {
			await writeFile(authorised, `${await publicKey(path)}\n`, { flag: 'a' });
		},
		log: () => log,
		stop: async () => {
			if (child.exitCode === null) {
				const ended = new Promise((resolve) => child.once('exit', resolve));
				child.kill('SIGTERM');
				await ended;
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
};
