import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec, must } from './exec.ts';
import type { Layout } from './layout.ts';
import { mirror } from './mirror.ts';

// No image can be pulled in the lab. Python for the engine and its neighbours, and a real PostgreSQL.
const packages = ['python3-minimal', 'python3-psycopg2', 'python3-yaml', 'postgresql'];

// Packages that it runs without, at half the size. LLVM is PostgreSQL's JIT, which is off.
const without = [
	'usr/share/doc',
	'usr/share/man',
	'usr/share/info',
	'usr/share/locale',
	'usr/share/i18n',
	'usr/lib/*/libLLVM*',
	'usr/lib/*/libz3*',
	'usr/lib/postgresql/*/lib/bitcode',
	'usr/lib/postgresql/*/lib/llvmjit*',
	'var/lib/apt/lists/*',
	'var/cache/*',
	'etc/resolv.conf',
];

/** Makes the root file system that all images of the lab are made from, as an archive in the cache, when it is not there yet. */
export async function buildBase(at: Layout, say: (line: string) => void): Promise<void> {
	if (existsSync(at.baseTar)) return;
	mkdirSync(at.cache, { recursive: true });
	const root = join(at.cache, 'base-root');
	rmSync(root, { recursive: true, force: true });
	const { url, codename } = await mirror();
	try {
		say(`base image: unpacking ${codename}`);
		await must('debootstrap', ['--variant=minbase', codename, root, url], { timeout: 900_000 });
		// The packages' own scripts would start a server and make a cluster.
		writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
		mkdirSync(join(root, 'etc/postgresql-common'), { recursive: true });
		writeFileSync(join(root, 'etc/postgresql-common/createcluster.conf'), 'create_main_cluster = false\n');
		copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
		const apt = await must('apt-config', ['dump', '--format', '%f "%v";%n']);
		const network = apt.split('\n').filter((line) => /^Acquire::(Check-|https?::Proxy)/.test(line));
		writeFileSync(join(root, 'etc/apt/apt.conf.d/99host'), `${network.join('\n')}\n`);
		say(`base image: installing ${packages.join(', ')}`);
		await must(
			'chroot',
			[
				root,
				'sh',
				'-ec',
				`apt-get update -q
				apt-get install -q -y --no-install-recommends "$@"
				apt-get clean
				ln -sf python3 /usr/bin/python
				ln -s "$(echo /usr/lib/postgresql/*)" /opt/postgresql`,
				'sh',
				...packages,
			],
			{ env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', PATH: hostPath }, timeout: 900_000 },
		);
		say('base image: packing');
		const excluded = without.map((path) => `--exclude=./${path}`);
		await must('tar', ['-C', root, '-I', 'gzip -1', ...excluded, '-cf', `${at.baseTar}.part`, '.']);
		renameSync(`${at.baseTar}.part`, at.baseTar);
	} finally {
		rmSync(root, { recursive: true, force: true });
	}
}

/** Brings the images that the deployment stands on into the engine, where they are missing or out of date. */
export async function importImages(
	at: Layout,
	env: Record<string, string | undefined>,
	say: (line: string) => void,
): Promise<void> {
	const inspect = await exec('docker', ['image', 'inspect', 'lab/base:1'], { env });
	if (inspect.code !== 0) {
		await buildBase(at, say);
		say('importing the base image');
		const path = `/opt/postgresql/bin:${hostPath}`;
		await must('docker', ['import', '-c', `ENV PATH=${path}`, '-c', 'ENV LANG=C.UTF-8', at.baseTar, 'lab/base:1'], {
			env,
		});
	}
	const context = join(import.meta.dirname, 'stand-ins');
	const stamp = await stampOf(context);
	const marker = join(at.cache, 'stand-ins.sha256');
	const present = await exec('docker', ['image', 'inspect', ...Object.values(images)], { env });
	if (present.code === 0 && existsSync(marker) && readFileSync(marker, 'utf8') === stamp) return;
	say("building the stand-ins' images");
	for (const [target, name] of Object.entries(images)) {
		const args = ['build', '-q', '--target', target, '-t', name, context];
		await must('docker', args, { env: { ...env, DOCKER_BUILDKIT: '0' } });
	}
	writeFileSync(marker, stamp);
}

/** A hash over the contents of all files below some folders. */
export function stampOf(...folders: string[]): Promise<string> {
	const script = 'find "$@" -type f ! -path "*/__pycache__/*" | LC_ALL=C sort | xargs cat | sha256sum';
	return must('sh', ['-c', script, 'sh', ...folders]);
}

/** The images that the deployment names, by their stage in stand-ins/Dockerfile. They go by their real names: none is pulled. */
const images = {
	python: 'python:3.11.11-slim',
	ibga: 'heshiming/ibga:latest',
	postgres: 'postgres:14-alpine',
	alertmanager: 'prom/alertmanager:v0.27.0',
	prometheus: 'prom/prometheus:v2.54.1',
	grafana: 'grafana/grafana:11.3.0',
	loki: 'grafana/loki:3.2.0',
	promtail: 'grafana/promtail:3.2.0',
	autoheal: 'willfarrell/autoheal:latest',
};

const hostPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
