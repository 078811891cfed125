import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { baseImage, importBase } from '../engine/harness/base-image.ts';
import { engineEnv } from '../engine/harness/engine.ts';
import { createSite, quickRunbook, type Site, type SiteOptions } from '../engine/harness/site.ts';
import { type OwnPodman, startPodman, withoutPodman } from '../helpers/podman.ts';

/** The script of the name docker that Podman brings (podman-docker): it hides what this machine has by that name. */
const podmansDocker = '#!/bin/sh\necho "Emulate Docker CLI using podman." >&2\nexec /usr/bin/podman "$@"\n';
const stays = '["sh","-c","trap exit TERM; while :; do sleep 1; done"]';
const runbook = quickRunbook.replace('deadline: 40s', 'deadline: 120s');

let own: OwnPodman;
let sites: Site[] = [];
beforeAll(async () => {
	if (withoutPodman !== undefined) {
		return;
	}
	own = await startPodman();
	await importBase(engineEnv(own.socket, process.env.PATH ?? ''), own.folder);
	mkdirSync(join(own.folder, 'bin'));
	writeFileSync(join(own.folder, 'bin/docker'), podmansDocker);
	chmodSync(join(own.folder, 'bin/docker'), 0o755);
});
afterEach(async () => {
	for (const site of sites) {
		await site.remove();
	}
	sites = [];
});
afterAll(() => own?.stop());

const openSite = async (options: SiteOptions = {}): Promise<Site> => {
	// Podman has no BuildKit.
	const env = { ...engineEnv(own.socket, process.env.PATH ?? ''), DOCKER_BUILDKIT: '0' };
	const site = await createSite(env, { runbook, ...options });
	sites.push(site);
	return site;
};

/** Runs backout where nothing but Podman is called docker. */
const backout = async (site: Site, ...args: string[]) => {
	const { PATH, HOME } = site.env;
	Object.assign(site.env, { PATH: `${own.folder}/bin:${PATH}`, HOME: own.folder });
	try {
		return await site.backout(...args);
	} finally {
		Object.assign(site.env, { PATH, HOME });
	}
};

const filter = (site: Site) => ['ps', '-a', '--filter', `label=com.docker.compose.project=${site.token}`];

/** What Podman itself says of the containers: name, image and whether they run. */
const containers = (site: Site): readonly string[] =>
	own
		.podman(...filter(site), '--format', '{{.Names}} {{.Image}} {{.ListContainer.State}}')
		.replaceAll(site.token, 'site')
		.split('\n')
		.sort();

const idsOf = (site: Site) =>
	own
		.podman(...filter(site), '-q', '--no-trunc')
		.split('\n')
		.sort();

const described = (site: Site, template: string): string =>
	own.podman('inspect', '--format', template, `${site.token}-web-1`);

/** Three versions of one image. */
const versions = async (site: Site): Promise<string> => {
	const image = `registry.invalid/${site.token}/web`;
	for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
		await site.sh(
			`printf 'FROM ${baseImage}\\nLABEL test.version=${version}\\nCMD ${stays}\\n' | docker build -q -t ${image}:${version} -`,
		);
	}
	return image;
};

const committed = (mode: string, port: number) => ({
	'compose.yaml': `services:
  web: { build: ., restart: always, stop_grace_period: 2s, environment: { MODE: ${mode} }, ports: ["127.0.0.1:${port}:80"], volumes: ["./conf:/conf:ro", "data:/data"], depends_on: [db] }
  db: { image: "${baseImage}", restart: always, stop_grace_period: 2s, command: ${stays} }
volumes: { data: {} }
`,
	Dockerfile: `FROM ${baseImage}\nLABEL test.version=${mode}\nCMD ${stays}\n`,
	'conf/app.conf': `${mode}\n`,
});

describe.skipIf(withoutPodman)(
	`Podman alone, with Docker Compose${withoutPodman ? ` (skipped: ${withoutPodman})` : ''}`,
	{
		tags: ['long'],
		timeout: 600_000,
	},
	() => {
		test('a version is rolled back, and comes again', async () => {
			const site = await openSite({ noGit: true });
			const image = await versions(site);
			site.write({
				'compose.yaml': `services:\n  web: { image: "${image}:\${TAG:?}", restart: always, stop_grace_period: 2s }\n  worker: { image: "${image}:\${TAG}", restart: always, stop_grace_period: 2s }\n`,
				'.env': 'TAG=1.2.0\n',
			});
			await site.compose('up', '-d');
			const running = (version: string) =>
				['web', 'worker'].map((service) => `site-${service}-1 registry.invalid/site/web:${version} running`);
			expect(containers(site)).toEqual(running('1.2.0'));

			const plan = await backout(site, 'plan', 'rollback-image', '--input', 'image=1.1.0');
			// Podman's own variables are nobody's change.
			expect(plan.text).toMatch(/web: recreated {2}image [0-9a-f]{12}, then [0-9a-f]{12}\n/);

			const run = await backout(site, 'run', 'rollback-image', '--input', 'image=1.1.0', '--yes');
			expect(run.code, run.text).toBe(0);
			expect(containers(site)).toEqual(running('1.1.0'));
			// The owner's own command changes nothing.
			const after = idsOf(site);
			await site.compose('up', '-d');
			expect(idsOf(site)).toEqual(after);

			const undo = await backout(site, 'undo', 'last', '--yes');
			expect(undo.code, undo.text).toBe(0);
			expect(undo.text).toContain('All 2 containers are as they were');
			expect(containers(site)).toEqual(running('1.2.0'));
			expect(await site.sh('cat .env')).toBe('TAG=1.2.0');
		});

		test('a commit is built and rolled back to, and comes again with its settings', async () => {
			const site = await openSite();
			const first = await site.commit('one', committed('one', 18211));
			await site.commit('two', committed('two', 18212));
			await site.deploy();
			const settings =
				'{{range .Config.Env}}{{println .}}{{end}}{{json .HostConfig.PortBindings}} {{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}};{{end}} {{index .Config.Labels "test.version"}}';
			// The order of variables is nobody's, and the name of the host is the container's.
			const sorted = () =>
				described(site, settings)
					.replace(/HOSTNAME=\w+/, '')
					.split('\n')
					.toSorted();
			const before = sorted();
			expect(described(site, settings)).toMatch(/MODE=two[\s\S]*"18212"[\s\S]* two$/);

			const run = await backout(site, 'run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
			expect(run.code, run.text).toBe(0);
			expect(described(site, settings)).toMatch(/MODE=one[\s\S]*"18211"[\s\S]* one$/);
			expect(own.podman('exec', `${site.token}-web-1`, 'cat', '/conf/app.conf')).toBe('one');

			const undo = await backout(site, 'undo', 'last', '--yes');
			expect(undo.code, undo.text).toBe(0);
			expect(sorted()).toEqual(before);
			expect(own.podman('exec', `${site.token}-web-1`, 'cat', '/conf/app.conf')).toBe('two');
		});

		test('everything is stopped, which is not held, and started again', async () => {
			const site = await openSite();
			await site.commit('one', {
				'compose.yaml': `services:\n  web: { image: "${baseImage}", restart: always, command: ${stays} }\n`,
			});
			await site.deploy();
			const image = `docker.io/${baseImage}`;
			const before = idsOf(site);
			const plan = await backout(site, 'plan', 'stop-everything');
			expect(plan.text).toContain(
				'Podman cannot hold what is stopped, whatever else is said here: somebody else can start it again',
			);
			const stop = await backout(site, 'run', 'stop-everything', '--yes', '--confirm', 't', '--reason', 'test');
			expect(stop.code, stop.text).toBe(0);
			expect(stop.text).toContain('they are stopped, but not held');
			expect(stop.text).not.toContain('It is held');
			expect(containers(site)).toEqual([`site-web-1 ${image} exited`]);
			// Nothing of it is left, to which one that somebody starts would be connected.
			expect(own.podman('network', 'ls', '--format', '{{.Name}}')).not.toContain('held-by-backout');

			const start = await backout(site, 'run', 'start-everything', '--yes');
			expect(start.code, start.text).toBe(0);
			expect(containers(site)).toEqual([`site-web-1 ${image} running`]);
			expect(idsOf(site)).toEqual(before);
			expect(described(site, '{{.HostConfig.RestartPolicy.Name}}')).toBe('always');
		});

		test('containers of podman-compose are not recreated, and the plan says why', async () => {
			const site = await openSite({ noGit: true });
			const image = await versions(site);
			site.write({ 'compose.yaml': `services:\n  web: { image: "${image}:1.2.0" }\n` });
			// As podman-compose 1.0.3 calls it.
			const labels = [
				...['io.podman.compose.config-hash=123', `io.podman.compose.project=${site.token}`],
				...[`com.docker.compose.project=${site.token}`, `com.docker.compose.project.working_dir=${site.directory}`],
				...['com.docker.compose.project.config_files=compose.yaml', 'com.docker.compose.container-number=1'],
				'com.docker.compose.service=web',
			].flatMap((label) => ['--label', label]);
			own.podman('run', '-d', '--name', `${site.token}_web_1`, ...labels, `${image}:1.2.0`);
			const before = idsOf(site);
			const refused = await backout(site, 'run', 'rollback-image', '--input', 'image=1.1.0', '--yes');
			expect(refused.code, refused.text).toBe(4);
			expect(refused.text).toMatch(
				/were made by podman-compose, which does not say what it would change: .*stop, start and restart/,
			);
			expect(idsOf(site)).toEqual(before);
			const restart = await backout(site, 'run', 'restart-service', '--input', 'restarted=web', '--yes');
			expect(restart.code, restart.text).toBe(0);
			expect(idsOf(site)).toEqual(before);
		});
	},
);
