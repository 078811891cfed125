import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../lab/processes.ts';

/** A Podman of its own: its service, its images, containers and networks. */
export interface OwnPodman {
	readonly folder: string;
	readonly socket: string;
	/** Calls Podman itself on the same containers, and returns its output. */
	podman(...args: readonly string[]): string;
	stop(): Promise<void>;
}

const program = '/usr/bin/podman';

/** The reason why Podman cannot run here; undefined when it can. */
export const withoutPodman: string | undefined =
	process.platform !== 'linux' || process.getuid?.() !== 0
		? 'a Podman of its own needs Linux and root'
		: existsSync(program)
			? undefined
			: 'podman is not installed';

// Networks of the machine, and limits that the machine may not grant, are left alone.
const settings = (folder: string) => `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[network]
network_config_dir = "${folder}/networks"
default_subnet_pools = [{ "base" = "10.201.0.0/16", "size" = 24 }]
`;

const answers = (socket: string): Promise<boolean> =>
	new Promise((resolve) => {
		const connection = createConnection(socket, () => {
			connection.destroy();
			resolve(true);
		}).on('error', () => resolve(false));
	});

/** Starts Podman's service, as podman.socket of systemd does. */
export const startPodman = async (): Promise<OwnPodman> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-podman-'));
	const socket = join(folder, 'podman.sock');
	mkdirSync(join(folder, 'networks'));
	writeFileSync(join(folder, 'containers.conf'), settings(folder));
	const own = [
		...['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'],
		...['--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
	];
	const service: ChildProcess = spawn(program, [...own, 'system', 'service', '--time=0', `unix://${socket}`], {
		stdio: 'ignore',
		env: { ...process.env, CONTAINERS_CONF: join(folder, 'containers.conf') },
	});
	const remote = ['--remote', '--url', `unix://${socket}`];
	const stop = async () => {
		spawnSync(program, [...remote, 'rm', '-af', '-t', '0'], { timeout: 60_000 });
		const ended = new Promise((end) => service.once('exit', end));
		service.kill();
		await ended;
		spawnSync('umount', ['-l', join(folder, 'root/vfs')]);
		rmSync(folder, { recursive: true, force: true });
	};
	if (!(await waitFor(() => answers(socket), 20_000, 50))) {
		await stop();
		throw new Error('the service of Podman does not answer');
	}
	return {
		folder,
		socket,
		podman: (...args) => {
			const { status, stdout, stderr } = spawnSync(program, [...remote, ...args], { encoding: 'utf8', input: '' });
			if (status !== 0) {
				throw new Error(`podman ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
			}
			return stdout.trim();
		},
		stop,
	};
};
