import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { exec, must } from './exec.ts';
import { hash, type Layout } from './layout.ts';
import { dockerGroup } from './owner.ts';
import { runningPid, startDaemon, stopByPidFile, waitFor } from './processes.ts';

/** The PATH of the host: the lab's own `docker` first, so that a newer client elsewhere on this machine is not taken. */
export function hostPath(at: Layout): string {
	return `${at.bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
}

/** Puts the client that fits the engine into the lab's bin folder: the distribution's, if there is one. */
export async function chooseClient(at: Layout): Promise<void> {
	mkdirSync(at.bin, { recursive: true });
	const link = join(at.bin, 'docker');
	const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : await must('sh', ['-c', 'command -v docker']);
	rmSync(link, { force: true });
	symlinkSync(client, link);
}

/** True when the engine responds. */
export async function engineAnswers(at: Layout): Promise<boolean> {
	if (!existsSync(at.dockerSocket)) return false;
	const env = { DOCKER_HOST: `unix://${at.dockerSocket}`, DOCKER_CONTEXT: undefined };
	const { code } = await exec('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 5000 });
	return code === 0;
}

/** Starts the engine if it does not run, and waits until it answers. @param access who may use its socket; `owner` needs `makeOwner` first */
export async function startEngine(at: Layout, access: 'owner' | 'root' = 'owner'): Promise<void> {
	await letContainersTalk(at, '-I');
	if (await engineAnswers(at)) return;
	const log = join(at.logs, 'dockerd.log');
	if (runningPid(at.dockerPid, 'dockerd') === null) {
		mkdirSync(at.dockerExec, { recursive: true });
		rmSync(at.dockerPid, { force: true });
		const args = ['--data-root', at.dockerRoot, '--exec-root', at.dockerExec, '-H', `unix://${at.dockerSocket}`];
		if (access === 'owner') args.push('--group', dockerGroup);
		startDaemon(
			'/usr/sbin/dockerd',
			[...args, ...alone(at), '--pidfile', at.dockerPid, '--shutdown-timeout', '6'],
			log,
		);
	}
	if (!(await waitFor(() => engineAnswers(at), 30_000))) {
		const last = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
		throw new Error(`the Docker engine does not answer; the end of ${log}:\n${last}`);
	}
}

/**
 * Returns options with which several labs can run side by side: no default bridge and no packet filter, which engines would share, and
 * addresses of its own. Ports are published by docker-proxy alone, which is enough for the loopback interface.
 */
function alone(at: Layout): string[] {
	return ['--bridge', 'none', '--iptables=false', '--default-address-pool', `base=${addresses(at)},size=24`];
}

/** Lets bridged packets of this lab pass, which would be dropped if another engine has closed the forward chain. */
async function letContainersTalk(at: Layout, action: '-I' | '-D'): Promise<void> {
	const rule = ['FORWARD', '-s', addresses(at), '-d', addresses(at), '-j', 'ACCEPT'];
	const stands = (await exec('iptables', ['-w', '-C', ...rule])).code === 0;
	if (stands === (action === '-D')) await exec('iptables', ['-w', action, ...rule]);
}

function addresses(at: Layout): string {
	// Labs side by side (lanes.ts) differ in the number at the end; those of other folders most likely in the rest.
	const [, place = '', number = '1'] = /^(.*?)(?:-(\d))?$/.exec(at.dir) ?? [];
	return `10.${64 + (Number.parseInt(hash(place), 16) % 100) + Number(number)}.0.0/16`;
}

/** Ends the engine and with it all containers, as `systemctl stop docker` does. */
export async function stopEngine(at: Layout): Promise<void> {
	const containerd = runningPid(at.containerdPid, 'containerd');
	await stopByPidFile(at.dockerPid, 'dockerd', 40_000);
	// dockerd takes its containerd down with it, unless it was killed.
	if (containerd !== null) await stopByPidFile(at.containerdPid, 'containerd', 10_000);
	await letContainersTalk(at, '-D');
	rmSync(at.dockerSocket, { force: true });
}

/** Unmounts what is left in the lab's folder, the deepest first. */
export async function unmountAll(at: Layout): Promise<void> {
	const points = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.map((line) => line.split(' ')[4] ?? '')
		.filter((point) => point.startsWith(`${at.dir}/`) || point.startsWith(`${at.dockerRun}/`));
	for (const point of points.sort((a, b) => b.length - a.length)) await exec('umount', ['-l', point]);
}
