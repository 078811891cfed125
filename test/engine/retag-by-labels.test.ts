import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

const repository = (site: Site) => `registry.invalid/${site.token}/web`;

/** An image that gives a variable, a label, a port, a volume, a health check and a command, each of its version. */
const build = (site: Site, version: string, more = '') =>
	site.sh(
		`docker build -q -t ${repository(site)}:${version} - <<'END'
FROM ${baseImage}
ENV VERSION=${version} SHARED=by-the-image
LABEL test.version=${version} test.other=image
EXPOSE 8080
VOLUME /cache
HEALTHCHECK --interval=30s --timeout=5s CMD test ${version} = ${version}
CMD ["sh","-c","echo ${version} >>/cache/starts; trap exit TERM; while :; do sleep 1; done"]
${more}
END`,
	);

const files = (site: Site, port: number): Record<string, string> => ({
	'compose.yaml': `services:
  web:
    image: ${repository(site)}:1.2.0
    container_name: ${site.token}-the-web
    hostname: frontend
    environment: { SHARED: by-the-owner, QUOTED: "a \\"b\\" <&> ü \\t c" }
    labels: { traefik.http.routers.web.rule: 'Host(\`shop.example\`) && Path("/a|b")', test.other: owner }
    ports: ["127.0.0.1:${port}:8080", "127.0.0.1::9090/udp"]
    volumes:
      - data:/data
      - ./conf:/conf:ro
      - { type: tmpfs, target: /scratch, tmpfs: { size: 1000000 } }
    networks:
      front: { aliases: [shop, "shop.internal"], ipv4_address: 10.77.${port % 200}.9 }
      back: {}
    user: "1000:1000"
    group_add: ["44"]
    working_dir: /data
    restart: unless-stopped
    healthcheck: { interval: 1s, test: ["CMD", "true"] }
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 50
    ulimits: { nofile: 1024 }
    cap_drop: [NET_RAW]
    security_opt: ["no-new-privileges:true"]
    extra_hosts: ["db.example:10.0.0.5"]
    dns: [10.0.0.53]
    shm_size: 16m
    stop_signal: SIGINT
    stop_grace_period: 3s
    init: true
    logging: { driver: json-file, options: { max-size: 1m } }
    command: ["sh", "-c", "trap exit INT; while :; do sleep 1; done"]
  worker: { image: "${repository(site)}:1.2.0", restart: always, networks: [back], depends_on: [web] }
  sidecar: { image: ${baseImage}, network_mode: "service:web", command: sleep 1000000, init: true }
  db: { image: ${baseImage}, command: sleep 1000000, init: true, networks: [back] }
volumes: { data: {} }
networks:
  front: { ipam: { config: [{ subnet: 10.77.${port % 200}.0/24 }] } }
  back: {}
`,
	'conf/app.conf': 'x\n',
});

/** Makes a stack by Compose, and takes its file away, as it is inside the tool that made it. */
const openStack = async (openSite: OpenSite): Promise<Site> => {
	const site = await openSite({ noGit: true });
	for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
		await build(site, version);
	}
	site.write(files(site, randomInt(20_000, 30_000)));
	await site.compose('up', '-d');
	// What the engine mounts is on the host.
	rmSync(join(site.directory, 'compose.yaml'));
	site.configure([`project: ${site.token}`]);
	return site;
};

interface Inspected {
	readonly Id: string;
	readonly Name: string;
	readonly Config: Record<string, unknown> & { readonly Labels: Record<string, string>; readonly Env: string[] };
	readonly HostConfig: Record<string, unknown>;
	readonly Mounts: Record<string, unknown>[];
	readonly NetworkSettings: {
		readonly Networks: Record<string, { readonly Aliases: string[] | null; readonly IPAMConfig: unknown }>;
	};
}

/** Runs docker beside the site's folder, which is gone. */
const docker = (site: Site, ...args: string[]): Promise<string> => must('docker', args, { env: site.env });

/** Everything that makes a container what it is, by service; ids of containers by the name of their service. */
const settings = async (site: Site) => {
	const ids = await docker(site, 'ps', '-aq', '--filter', `label=com.docker.compose.project=${site.token}`);
	const all = JSON.parse(await docker(site, 'inspect', ...ids.split('\n'))) as Inspected[];
	const named = (text: string) =>
		all.reduce((so, { Id, Config }) => so.replaceAll(Id, `id of ${Config.Labels['com.docker.compose.service']}`), text);
	return Object.fromEntries(
		all
			.map(({ Id, Name, Config, HostConfig, Mounts, NetworkSettings }) => {
				const { Hostname, Env, Labels, ...config } = Config;
				const networks = Object.entries(NetworkSettings.Networks).map(([network, { Aliases, IPAMConfig }]) => ({
					network,
					aliases: Aliases?.filter((alias) => !Id.startsWith(alias)).toSorted(),
					address: IPAMConfig,
				}));
				const [service = '', ...others] = [Labels['com.docker.compose.service'] ?? ''];
				return [
					service,
					{
						name: Name,
						others,
						config,
						hostname: Id.startsWith(String(Hostname)) ? 'its id' : Hostname,
						environment: Env.toSorted(),
						labels: Labels,
						host: JSON.parse(
							named(JSON.stringify({ ...HostConfig, Binds: (HostConfig.Binds as string[] | null) ?? [] })),
						),
						mounts: Mounts.map((mount) => JSON.stringify(mount)).toSorted(),
						networks,
					},
				] as const;
			})
			.toSorted(([a], [b]) => a.localeCompare(b)),
	);
};

/** What another image may change, put as it is with the first one. */
const asBefore = async (site: Site, version: string) => {
	const id = (tag: string) => docker(site, 'image', 'inspect', '--format', '{{.Id}}', `${repository(site)}:${tag}`);
	const text = JSON.stringify(await settings(site));
	return JSON.parse(text.replaceAll(version, '1.2.0').replaceAll(await id(version), await id('1.2.0')));
};

/** The same without the names of the anonymous volumes, by which the new containers get the data of the old ones. */
const byVolume = (all: Awaited<ReturnType<typeof settings>>) =>
	Object.fromEntries(
		Object.entries(all).map(([service, { host, mounts, ...rest }]) => [
			service,
			{
				...rest,
				host: { ...host, Binds: host.Binds.filter((bind: string) => !/^[0-9a-f]{64}:/.test(bind)) },
				mounts: mounts.map((mount) => mount.replace(/"Mode":"z?"/, '')),
			},
		]),
	);

const running = (site: Site) =>
	docker(
		site,
		...['ps', '-a', '--filter', `label=com.docker.compose.project=${site.token}`],
		...['--format', '{{.Names}} {{.Image}} {{.State}}'],
	).then((text) => text.replaceAll(repository(site), 'web').replaceAll(site.token, 'x').split('\n').sort());

const allRun = (version: string) => [
	`x-db-1 ${baseImage} running`,
	`x-sidecar-1 ${baseImage} running`,
	`x-the-web web:${version} running`,
	`x-worker-1 web:${version} running`,
];

const idsOf = async (site: Site): Promise<readonly string[]> => {
	const filter = `label=com.docker.compose.project=${site.token}`;
	return (await docker(site, 'ps', '-q', '--no-trunc', '--filter', filter)).split('\n').sort();
};

describe.skipIf(withoutEngine)('another image for a stack whose Compose files are not on the host', () => {
	test('is given to every container of the old one, with all their settings, and undone', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openStack(openSite);
		const before = await settings(site);

		const run = await site.backout('run', 'rollback-image', '--input', 'image=1.1.0', '--yes', '--json');
		expect(run.code, run.text).toBe(0);
		expect(await running(site)).toEqual(allRun('1.1.0'));
		expect(byVolume(await asBefore(site, '1.1.0'))).toEqual(byVolume(before));
		// The data of the anonymous volume is there, too; and what the new image gives has come.
		expect(await docker(site, 'exec', `${site.token}-worker-1`, 'cat', '/cache/starts')).toBe('1.2.0\n1.1.0');
		expect(await docker(site, 'exec', `${site.token}-the-web`, 'sh', '-c', 'echo $VERSION $SHARED')).toBe(
			'1.1.0 by-the-owner',
		);

		const undone = await site.backout('undo', 'last', '--yes', '--confirm', 't', '--reason', 'drill');
		expect(undone.code, undone.text).toBe(0);
		expect(await running(site)).toEqual(allRun('1.2.0'));
		expect(byVolume(await settings(site))).toEqual(byVolume(before));
	});

	test('that does not run brings back the very containers that ran before', { tags: ['long'] }, async ({
		openSite,
	}) => {
		const site = await openStack(openSite);
		await build(site, '1.1.0', 'HEALTHCHECK --interval=1s --retries=1 CMD false');
		const before = await idsOf(site);

		const run = await site.backout('run', 'rollback-image', '--input', 'image=1.1.0', '--yes');
		expect(run.code, run.text).toBe(1);
		expect(run.text).toContain(`${site.token}-worker-1 is unhealthy`);
		expect(run.text.split('The containers from before are back, as they were')).toHaveLength(2);
		expect(await running(site)).toEqual(allRun('1.2.0'));
		expect(await idsOf(site)).toEqual(before);
	});

	// Tests run side by side here, and a poll has to know whose it is.
	test('is taken back to the very containers also where the run was killed', { tags: ['long'] }, async ({
		openSite,
		expect,
	}) => {
		const site = await openStack(openSite);
		// Not healthy for a while, so that both containers are there.
		await build(site, '1.1.0', 'HEALTHCHECK --interval=300s --start-period=300s CMD true');
		const before = await idsOf(site);
		const started = await site.backout('run', 'rollback-image', '--input', 'image=1.1.0', '--yes', '--detach');
		expect(started.code, started.text).toBe(0);
		await expect
			.poll(async () => (await running(site)).filter((line) => line.includes('-until-') && line.endsWith('exited')), {
				timeout: 240_000,
				interval: 1000,
			})
			.toHaveLength(3);
		const [, id = ''] = /(\d{8}T\d{6}Z-\w+)/.exec(started.text) ?? [];
		await site.sh(
			`for one in /proc/[0-9]*; do if tr '\\0' '\\n' <$one/environ 2>/dev/null | grep -qx 'run_id=${id}'; then kill -9 "\${one#/proc/}"; fi; done 2>/dev/null; true`,
		);
		const undone = await site.backout('undo', id, '--yes', '--confirm', 't', '--reason', 'drill');
		expect(undone.code, undone.text).toBe(0);
		expect(await running(site)).toEqual(allRun('1.2.0'));
		expect(await idsOf(site)).toEqual(before);
	});

	test('is named in the plan with what it recreates, and what the tool would do next', {
		tags: ['long'],
	}, async ({ openSite }) => {
		const site = await openStack(openSite);
		const plan = await site.backout('plan', 'rollback-image', '--input', 'image=1.1.0');
		expect(plan.code, plan.text).toBe(0);
		const text = plan.text.replaceAll(repository(site), 'WEB').replaceAll(/\s+/g, ' ');
		expect(text).toContain('image WEB:1.2.0 becomes WEB:1.1.0');
		expect(text).toContain('it uses the network or processes of web');
		expect(text).toContain('its next update would bring the old one again');
		expect(text).not.toContain('db: recreate');
	});
});
