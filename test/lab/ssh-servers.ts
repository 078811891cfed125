import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { must } from './exec.ts';
import type { Layout } from './layout.ts';
import { runningPid, startDaemon, stopByPidFile, waitFor } from './processes.ts';
import type { LabInfo } from './types.ts';

/** The passphrase of the encrypted identity. It opens nothing but the lab. */
export const passphrase = 'open sesame';

const hostKeys = ['ed25519', 'ecdsa', 'rsa'];

/** Makes identities, host keys and the clients' files. Keys that are there already are kept. */
export async function writeSshFiles(at: Layout, info: LabInfo): Promise<void> {
	mkdirSync(at.ssh, { recursive: true });
	// The owner's login reads the accepted keys as the owner: nothing else in it may be read by others.
	chmodSync(at.ssh, 0o711);
	// sshd's privilege separation needs an empty folder of root's (sshd(8), FILES).
	mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
	await makeKey(info.identityFile, 'ed25519', '');
	await makeKey(info.encryptedIdentityFile, 'ed25519', info.passphrase);
	await makeKey(info.wrongIdentityFile, 'ed25519', '');
	for (const type of hostKeys) await makeKey(join(at.ssh, `host_${type}`), type, '');
	await makeKey(join(at.ssh, 'changed_ed25519'), 'ed25519', '');
	const accepted = [info.identityFile, info.encryptedIdentityFile].map((file) => readFileSync(`${file}.pub`, 'utf8'));
	writeFileSync(join(at.ssh, 'authorized_keys'), accepted.join(''));
	chmodSync(join(at.ssh, 'authorized_keys'), 0o644);
	const publicKeys = hostKeys.map((type) =>
		readFileSync(join(at.ssh, `host_${type}.pub`), 'utf8')
			.split(' ', 2)
			.join(' '),
	);
	const known = [info.sshPort, info.jumpPort].flatMap((port) =>
		publicKeys.map((key) => `[127.0.0.1]:${port} ${key}\n`),
	);
	writeFileSync(info.knownHosts, known.join(''));
	const common = `\tHostName 127.0.0.1
	IdentityFile "${info.identityFile}"
	IdentitiesOnly yes
	UserKnownHostsFile "${info.knownHosts}"
	GlobalKnownHostsFile /dev/null
	StrictHostKeyChecking yes
	BatchMode yes
`;
	const host = (name: string, port: number, more = '', user: string = info.user) =>
		`Host ${name}\n\tPort ${port}\n\tUser ${user}\n${more}${common}`;
	writeFileSync(
		info.sshConfig,
		[
			host('lab', info.sshPort),
			host('owner', info.sshPort, '', info.owner),
			host('lab-jump', info.jumpPort),
			host('lab-via-jump', info.sshPort, '\tProxyJump lab-jump\n'),
		].join('\n'),
	);
}

/** Starts both servers where they do not run: the host's, and the jump host. `changed` gives the host another key than is known. */
export async function startSsh(at: Layout, info: LabInfo, changed = false): Promise<void> {
	const right = hostKeys.map((type) => join(at.ssh, `host_${type}`));
	const keys = changed ? [join(at.ssh, 'changed_ed25519')] : right;
	await startServer(at, 'sshd', at.sshdPid, info.sshPort, keys, [
		// A bash that sshd starts reads ~/.bashrc at the first level (bash(1), SHLVL); it is not the host's, and may take its time.
		// Go collects garbage in a program that lives for milliseconds, a tenth to a fifth of its time.
		`SetEnv DOCKER_HOST=unix://${info.dockerSocket} PATH=${info.path} SHLVL=1 GOGC=off GOMAXPROCS=1`,
	]);
	await startServer(at, 'jump', at.jumpPid, info.jumpPort, right, []);
}

/** Ends the host's server and all its sessions. */
export async function stopSshd(at: Layout): Promise<void> {
	await stopServer(at.sshdPid);
}

/** Ends both servers. */
export async function stopSsh(at: Layout): Promise<void> {
	await stopServer(at.sshdPid);
	await stopServer(at.jumpPid);
}

async function makeKey(file: string, type: string, secret: string): Promise<void> {
	if (existsSync(file) && existsSync(`${file}.pub`)) return;
	rmSync(file, { force: true });
	await must('ssh-keygen', ['-q', '-t', type, '-N', secret, '-C', 'lab', '-f', file]);
	chmodSync(file, 0o600);
}

async function startServer(
	at: Layout,
	name: string,
	pidFile: string,
	port: number,
	keys: string[],
	more: string[],
): Promise<void> {
	const file = join(at.ssh, `${name}_config`);
	const config = [
		`Port ${port}`,
		'ListenAddress 127.0.0.1',
		...keys.map((key) => `HostKey ${key}`),
		`PidFile ${pidFile}`,
		`AuthorizedKeysFile ${join(at.ssh, 'authorized_keys')}`,
		// The lab's folder may lie below one that others can write to.
		'StrictModes no',
		'PermitRootLogin prohibit-password',
		'PasswordAuthentication no',
		'KbdInteractiveAuthentication no',
		'UsePAM no',
		'UseDNS no',
		'AllowTcpForwarding yes',
		'AllowStreamLocalForwarding yes',
		'MaxStartups 100',
		'PrintMotd no',
		'LogLevel VERBOSE',
		'Subsystem sftp internal-sftp',
		...more,
	];
	const text = `${config.join('\n')}\n`;
	const same = existsSync(file) && readFileSync(file, 'utf8') === text;
	if (same && runningPid(pidFile, 'sshd') !== null && (await listens(port))) return;
	await stopServer(pidFile);
	writeFileSync(file, text);
	await must('/usr/sbin/sshd', ['-t', '-f', file]);
	startDaemon('/usr/sbin/sshd', ['-D', '-e', '-f', file], join(at.logs, `${name}.log`));
	if (!(await waitFor(() => listens(port), 10_000, 30))) {
		throw new Error(`sshd does not listen on 127.0.0.1:${port}; see ${join(at.logs, `${name}.log`)}`);
	}
}

async function stopServer(pidFile: string): Promise<void> {
	const pid = runningPid(pidFile, 'sshd');
	if (pid === null) return;
	const sessions = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
		.trim()
		.split(' ')
		.filter(Boolean)
		.map(Number);
	await stopByPidFile(pidFile, 'sshd', 5000);
	for (const session of sessions) {
		try {
			process.kill(session, 'SIGKILL');
		} catch {
			// It ended by itself.
		}
	}
}

function listens(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host: '127.0.0.1', port });
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
