import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { makeKey, publicKey } from '../ssh/sshd.ts';

/** Many targets: a port of a real sshd each, all of them the one demo host behind it. */
export interface ManyTargets {
	/** A config with all of them: `target-01`, `target-02`, … */
	readonly config: string;
	readonly names: readonly string[];
	readonly ports: readonly number[];
	/** Connections to these ports that a process holds. */
	connectionsOf(pid: number): number;
	/** Sessions that the servers have. */
	sessions(): number;
	stop(): Promise<void>;
}

export interface ManyTargetsOptions {
	readonly count: number;
	/** The config of a demo host that is served (test/demo/demo.ts): one target called `demo`. */
	readonly demo: string;
	/** The key that lets in is locked with it. */
	readonly passphrase?: string;
}

/** The most ports one sshd listens on (MAX_LISTEN_SOCKS). */
const portsEach = 16;

/** Ports that were free together. */
const freePorts = async (count: number): Promise<number[]> => {
	const servers: Server[] = [];
	for (let at = 0; at < count; at++) {
		const server = createServer();
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(0, '127.0.0.1', resolve);
		});
		servers.push(server);
	}
	const ports = servers.map((server) => (server.address() as { port: number }).port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
};

const listens = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});

const childrenOf = (pid: number): readonly number[] => {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
};

/** Established connections by the inode of the client's socket, of those that go to these ports. */
const connectedSockets = (ports: ReadonlySet<number>): ReadonlySet<string> =>
	new Set(
		readFileSync('/proc/net/tcp', 'utf8')
			.trim()
			.split('\n')
			.slice(1)
			.map((row) => row.trim().split(/\s+/))
			.filter(
				([, , remote = '', state]) => state === '01' && ports.has(Number.parseInt(remote.split(':')[1] ?? '', 16)),
			)
			.map((fields) => fields[9] ?? ''),
	);

const socketsOf = (pid: number): readonly string[] =>
	readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
		try {
			return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
		} catch {
			return [];
		}
	});

/** Starts the servers and writes the config. They are ended, and all files removed, by `stop`. */
export const startManyTargets = async ({ count, demo, passphrase = '' }: ManyTargetsOptions): Promise<ManyTargets> => {
	const folder = await mkdtemp(join(tmpdir(), 'backout-many-'));
	const demoFolder = dirname(demo);
	const settings = parse(await readFile(demo, 'utf8')).targets.demo as Record<string, unknown>;
	const hostKey = makeKey(folder, 'host');
	const identity = makeKey(folder, 'id', 'ed25519', passphrase);
	const authorised = join(folder, 'authorized_keys');
	await writeFile(authorised, `${await publicKey(identity)}\n`, { mode: 0o600 });
	if (process.getuid?.() === 0) {
		mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
	}
	const ports = await freePorts(count);
	const servers: ChildProcess[] = [];
	for (let at = 0; at < count; at += portsEach) {
		const own = ports.slice(at, at + portsEach);
		const config = join(folder, `sshd_config_${at}`);
		const lines = [
			...own.map((port) => `Port ${port}`),
			'ListenAddress 127.0.0.1',
			`HostKey ${hostKey}`,
			`AuthorizedKeysFile ${authorised}`,
			'PidFile none',
			'StrictModes no',
			'UsePAM no',
			'UseDNS no',
			'PasswordAuthentication no',
			'KbdInteractiveAuthentication no',
			'PermitRootLogin yes',
			'PrintMotd no',
			'MaxStartups 100',
			'AllowTcpForwarding yes',
			'AllowStreamLocalForwarding yes',
			// The demo's docker and git; and no ~/.bashrc of the user's own (bash(1), SHLVL).
			`SetEnv PATH=${join(demoFolder, 'bin')}:${process.env.PATH} DOCKER_HOST=unix://${join(demoFolder, 'docker.sock')} GIT_CONFIG_NOSYSTEM=1 SHLVL=1`,
		];
		await writeFile(config, `${lines.join('\n')}\n`);
		servers.push(spawn('/usr/sbin/sshd', ['-D', '-f', config], { stdio: 'ignore' }));
	}
	for (const port of ports) {
		while (!(await listens(port))) {
			if (servers.some(({ exitCode }) => exitCode !== null)) {
				throw new Error('an sshd ended at its start');
			}
		}
	}
	const [type, key] = (await publicKey(hostKey)).split(' ');
	const knownHosts = join(folder, 'known_hosts');
	await writeFile(knownHosts, ports.map((port) => `[127.0.0.1]:${port} ${type} ${key}\n`).join(''));
	const names = ports.map((_, at) => `target-${String(at + 1).padStart(2, '0')}`);
	const targets = Object.fromEntries(
		names.map((name, at) => [
			name,
			{
				...settings,
				host: `${userInfo().username}@127.0.0.1:${ports[at]}`,
				runbook: join(demoFolder, 'demo.yaml'),
				identityFile: identity,
				knownHosts,
			},
		]),
	);
	const config = join(folder, 'backout.yaml');
	// JSON is YAML.
	await writeFile(config, JSON.stringify({ targets }));
	return {
		config,
		names,
		ports,
		connectionsOf: (pid) => {
			const there = connectedSockets(new Set(ports));
			return socketsOf(pid).filter((inode) => there.has(inode)).length;
		},
		sessions: () => servers.reduce((sum, { pid }) => sum + childrenOf(pid ?? 0).length, 0),
		stop: async () => {
			for (const server of servers) {
				const sessions = childrenOf(server.pid ?? 0);
				if (server.exitCode === null) {
					const ended = new Promise((resolve) => server.once('exit', resolve));
					server.kill('SIGTERM');
					await ended;
				}
				for (const pid of sessions) {
					try {
						process.kill(pid, 'SIGKILL');
					} catch {
						// It ended by itself.
					}
				}
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
};
