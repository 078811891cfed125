import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { baseImage } from './harness/base-image.ts';
import { test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

const folder = join(import.meta.dirname, '../survey/projects');
/** The config that `init` writes. */
const config = 'init/backout.yaml';

interface Service {
	image?: string;
	build?: string;
	ports?: string[];
	volumes?: string[];
	healthcheck?: Record<string, unknown>;
	[key: string]: unknown;
}

interface Project {
	name: string;
	services: Record<string, Service>;
}

/** Stand-ins for the programs that the services and their health checks call. */
const stubs: Readonly<Record<string, string>> = {
	'curl pg_isready redis-cli wget': 'exit 0',
	ps: 'echo sidekiq 8.0',
	'serve /cron.sh':
		'case "$1" in chown) exec "$@" ;; esac\ntrap "exit 0" TERM INT\nwhile :; do sleep 600 & wait $!; done',
};

/** Makes the image that all the others begin with: its program serves, whatever it is called with. */
const buildStubs = async (site: Site): Promise<void> => {
	const copies = Object.entries(stubs).flatMap(([names, script], index) => {
		site.write({ [`../image/stub${index}`]: `#!/bin/sh\n${script}\n` });
		return names.split(' ').map((path) => `COPY stub${index} ${path.startsWith('/') ? path : `/usr/bin/${path}`}\n`);
	});
	const text = `FROM ${baseImage}\n${copies.join('')}ENV PATH=/usr/bin:/bin\nENTRYPOINT ["serve"]\n`;
	site.write({ '../image/Dockerfile': text });
	await site.sh('chmod 755 ../image/stub*');
	await site.docker('build', '-q', '-t', `${site.token}/stubs`, '../image');
};

const build = (site: Site, name: string, version: string): Promise<string> =>
	site.sh(
		`printf 'FROM ${site.token}/stubs\nLABEL test.version=${version} test.site=${site.token}\n' | docker build -q -t ${name} -`,
	);

/** The project for this machine: a name and ports of its own, quick health checks, and no image by its content. */
const localOf = (text: string, token: string): Project => {
	const project = parse(text, { merge: true }) as Project;
	for (const service of Object.values(project.services)) {
		service.image = service.image === undefined ? undefined : `${token}/${service.image.replace(/@sha256:.*/, '')}`;
		service.ports = service.ports?.map((port) => `127.0.0.1::${port.split(':').at(-1)}`);
		service.volumes = service.volumes?.filter((volume) => !volume.includes('docker.sock'));
		service.healthcheck =
			service.healthcheck?.test === undefined ? undefined : { ...service.healthcheck, interval: '1s' };
		service.stop_grace_period = '2s';
	}
	return { ...project, name: token };
};

const versionsOf = async (site: Site, services: readonly string[]) =>
	Object.fromEntries(
		(await site.containers())
			.filter(({ service }) => services.includes(service))
			.map(({ service, version }) => [service, version]),
	);

/** Writes the project's files as its owner has them. */
const write = (site: Site, project: Project): void =>
	site.write({
		'compose.yaml': stringify(project),
		'web/Dockerfile': `FROM ${baseImage}\nSTOPSIGNAL KILL\nCMD ["sleep","1000000"]\n`,
		Caddyfile: '',
	});

/** Deploys every service of a project at an older version. */
const deploy = async (site: Site, project: Project): Promise<void> => {
	await buildStubs(site);
	for (const name of new Set(Object.values(project.services).flatMap(({ image }) => image ?? []))) {
		await build(site, name, 'old');
	}
	write(site, project);
	await site.compose('up', '-d', '--build');
};

/** Gives a service, and those with its image, a newer version. Returns the older one, as it can be chosen. */
const update = async (site: Site, project: Project, service: string): Promise<string> => {
	const image = project.services[service]?.image ?? '';
	const id = await site.docker('image', 'inspect', '--format', '{{.Id}}', image);
	// A name without a number moves. What was pulled keeps the repository's name, which what is built here has only by another tag.
	const isMoving = !/:[^/:]*\d[^/:]*$/.test(image);
	await site.docker('tag', image, `${image.replace(/:[^/]*$/, '')}:before`);
	const newer = isMoving ? image : `${image}-next`;
	await build(site, newer, 'new');
	for (const other of Object.values(project.services)) {
		other.image = other.image === image ? newer : other.image;
	}
	write(site, project);
	await site.compose('up', '-d');
	return isMoving ? id : image;
};

/** Runs `init`, and shortens what it wrote to the times of a test. Returns the main service. */
const init = async (site: Site): Promise<string> => {
	const said = await site.backout('init', 'local', '--project', site.token, '--output', 'init');
	expect(said.code, said.text).toBe(0);
	const runbook = join(site.folder, 'init', `${site.token}.yaml`);
	const text = readFileSync(runbook, 'utf8');
	writeFileSync(runbook, text.replace('settle: 30s, deadline: 5m', 'settle: 3s, deadline: 40s'));
	appendFileSync(join(site.folder, config), `    state: ${site.state}\n    runs: { freeSpace: 1MB }\n`);
	return /^ {2}service: '?([\w-]+)/m.exec(text)?.[1] ?? '';
};

describe.skipIf(withoutEngine)('a project as people have them, by what init writes', () => {
	const names = readdirSync(folder).map((file) => file.replace('.yaml', ''));
	test.for(names)(
		'%s: it is right, and its main service goes back and comes again',
		{
			tags: 'long',
		},
		async (name, { openSite }) => {
			const site = await openSite({ noGit: true });
			const project = localOf(readFileSync(join(folder, `${name}.yaml`), 'utf8'), site.token);
			const backout = (...args: readonly string[]) => site.backout('--config', config, ...args);
			await deploy(site, project);
			const main = await init(site);
			const older = await update(site, project, main);
			const along = Object.keys(project.services).filter(
				(service) => project.services[service]?.image === project.services[main]?.image,
			);
			const all = (version: string) => Object.fromEntries(along.map((service) => [service, version]));
			expect(await versionsOf(site, along)).toEqual(all('new'));
			const before = await site.snapshot();

			const status = await backout('status');
			expect(status.code, status.text).toBe(0);
			const run = await backout('run', 'rollback-image', '--input', `image=${older}`, '--yes');
			expect(run.code, run.text).toBe(0);
			expect(await versionsOf(site, along)).toEqual(all('old'));
			const undo = await backout('undo', 'last', '--yes');
			expect(undo.code, undo.text).toBe(0);
			expect(differences(before, await site.snapshot(), 'settings'), undo.text).toEqual([]);
		},
	);
});
