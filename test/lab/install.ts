import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBase } from './base-image.ts';
import { exec, must } from './exec.ts';
import { layout } from './layout.ts';
import { mirror } from './mirror.ts';

const packages = [
	'docker.io',
	'iptables',
	'openssh-server',
	'openssh-client',
	'debootstrap',
	'git',
	'util-linux',
	'busybox',
];
/** What single tests need, which are skipped without it, or fail where the lab is required. */
const packagesOfTests = ['curl', 'wget', 'mksh', 'xfsprogs', 'krb5-kdc', 'krb5-admin-server', 'krb5-user'];
const policy = '/usr/sbin/policy-rc.d';
const plugin = '/usr/libexec/docker/cli-plugins/docker-compose';

/** Returns the reason why the lab cannot run on this machine, or null when it can. */
export async function missing(): Promise<string | null> {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root';
	for (const file of ['/usr/sbin/sshd', '/usr/sbin/dockerd', '/usr/sbin/debootstrap']) {
		if (!existsSync(file)) return `${file} is missing: run \`npm run lab -- install\``;
	}
	for (const program of ['iptables', 'git', 'setsid', 'ssh-keygen', 'docker']) {
		const found = await exec('/bin/sh', ['-c', 'command -v "$1"', 'sh', program]);
		if (found.code !== 0) return `${program} is missing: run \`npm run lab -- install\``;
	}
	if (!(await hasCompose())) return 'Docker Compose v2 is missing: run `npm run lab -- install`';
	return null;
}

/** Installs what the lab needs, on Debian or its like, as root. Starts nothing. Does only what is not done yet. */
export async function install(dir: string, say: (line: string) => void): Promise<void> {
	if (process.getuid?.() !== 0) throw new Error('the lab needs root');
	const absent: string[] = [];
	for (const name of [...packages, ...packagesOfTests]) {
		const { stdout } = await exec('dpkg', ['-s', name]);
		if (!/^Status: install ok installed$/m.test(stdout)) absent.push(name);
	}
	if (absent.length > 0) {
		say(`installing ${absent.join(', ')}`);
		await withoutServices(async () => {
			await must('apt-get', ['update', '-q'], { timeout: 600_000 });
			await must('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...absent], {
				env: { DEBIAN_FRONTEND: 'noninteractive' },
				timeout: 900_000,
			});
		});
	}
	if (!(await hasCompose())) {
		say('installing the Compose plugin');
		await installCompose();
	}
	await buildBase(layout(dir), say);
	const lacking = await missing();
	if (lacking) throw new Error(lacking);
	say('everything is installed');
}

async function hasCompose(): Promise<boolean> {
	const { code, stdout } = await exec('docker', ['compose', 'version', '--short'], { timeout: 20_000 });
	return code === 0 && /^v?[2-9]/.test(stdout.trim());
}

/** Lets packages be installed without starting their services: invoke-rc.d asks policy-rc.d, where 101 means no. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
	if (existsSync(policy)) return work();
	writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	try {
		await work();
	} finally {
		rmSync(policy, { force: true });
	}
}

/**
 * Compose v2 is in no package of Debian 12. It is in Debian 13's `docker-compose`, a single program; that package is fetched with
 * lists of its own, so that nothing else is taken from that release, and only unpacked.
 */
async function installCompose(): Promise<void> {
	const { url } = await mirror();
	const work = mkdtempSync(join(tmpdir(), 'lab-compose-'));
	try {
		for (const folder of ['lists/partial', 'cache/archives/partial', 'parts', 'out']) {
			mkdirSync(join(work, folder), { recursive: true });
		}
		chmodSync(work, 0o755);
		const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
		const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
		writeFileSync(join(work, 'sources.list'), `deb ${signed}${url} trixie main\n`);
		const options = [
			['Dir::State::lists', join(work, 'lists')],
			['Dir::Cache', join(work, 'cache')],
			['Dir::Etc::sourcelist', join(work, 'sources.list')],
			['Dir::Etc::sourceparts', join(work, 'parts')],
			['APT::Sandbox::User', 'root'],
		].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
		await must('apt-get', [...options, 'update', '-q'], { timeout: 600_000 });
		await must('apt-get', [...options, 'download', 'docker-compose'], { cwd: work, timeout: 600_000 });
		const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
		if (!archive) throw new Error('apt-get downloaded no docker-compose');
		await must('dpkg', ['-x', join(work, archive), join(work, 'out')]);
		const found = await must('find', [join(work, 'out'), '-type', 'f', '-name', 'docker-compose', '-size', '+1000k']);
		const program = found.split('\n')[0];
		if (!program) throw new Error('the package has no docker-compose program');
		await must('install', ['-D', '-m', '755', program, plugin]);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}
