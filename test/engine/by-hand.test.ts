import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serving } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { all, judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const names = async (site: Site): Promise<readonly string[]> =>
	(await site.docker('ps', '-a', '--filter', `name=${site.token}`, '--format', '{{.Names}}')).split('\n').toSorted();

/** Wants the containers of the project to be called so. */
const called =
	(site: Site, ...wanted: readonly string[]): Wanted =>
	async () => {
		const now = await names(site);
		return JSON.stringify(now) === JSON.stringify(wanted.toSorted()) ? [] : [`they are called ${now.join(', ')}`];
	};

describe.skipIf(withoutEngine)('a container that somebody has renamed', () => {
	test('keeps its name over a rollback and its undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const edge = `edge-${site.token}`;
		await site.docker('rename', `${site.token}-web-1`, edge);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			all(runs({ web: '1' }), called(site, edge)),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(await names(site)).toEqual([edge]);
	});

	test('after the run is called again as before it, by the undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, scale: 2 }\n  db:\n    image: ${baseImage}\n    container_name: db-${site.token}\n    stop_grace_period: 2s\n    ${serving}\n`,
		}));
		await site.deploy();
		const second = `${site.token}-web-2`;
		await site.docker('rename', second, `second-${site.token}`);
		const there = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(there.code, there.text).toBe(0);
		await site.docker('rename', `second-${site.token}`, second);
		await site.docker('rename', `db-${site.token}`, `old-db-${site.token}`);
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		expect(await names(site)).toEqual([`${site.token}-web-1`, `db-${site.token}`, `second-${site.token}`].toSorted());
	});
});

describe.skipIf(withoutEngine)('a container that somebody has given more memory', () => {
	test('is not recreated without it, unless that is allowed; the undo gives it back', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const web = `${site.token}-web-1`;
		await site.docker('update', '--memory', '300m', '--memory-swap', '300m', '--cpus', '0.5', web);
		const limits = () => site.docker('inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}', web);
		const before = await limits();
		const there = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...there);
		expect(refused.text).toContain(
			'the memory limit that somebody gave web by hand, 300 MiB, would be lost: the files say none',
		);
		expect(refused.text).toContain('--allow web:limit:Memory');
		expect(await limits()).toBe(before);
		const allowed = await site.backout(...there, '--allow', 'web:limit:Memory', '--allow', 'web:limit:NanoCpus');
		expect(allowed.code, allowed.text).toBe(0);
		expect((await limits()).trim()).toBe('0 0');
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		expect(await limits()).toBe(before);
	});
});

describe.skipIf(withoutEngine)('a container that somebody has given a restart policy', () => {
	test('is not recreated without it, unless that is allowed; the undo gives it back', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': 'services:\n  web: { build: ., stop_grace_period: 2s }\n',
		}));
		await site.deploy();
		const web = `${site.token}-web-1`;
		await site.docker('update', '--restart', 'unless-stopped', web);
		const policy = async () =>
			(await site.docker('inspect', '--format', '{{or .HostConfig.RestartPolicy.Name "no"}}', web)).trim();
		const there = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...there);
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toContain('--allow web:restart:unless-stopped');
		expect(await policy()).toBe('unless-stopped');
		const allowed = await site.backout(...there, '--allow', 'web:restart:unless-stopped');
		expect(allowed.code, allowed.text).toBe(0);
		expect(await policy()).toBe('no');
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		expect(await policy()).toBe('unless-stopped');
	});
});

describe.skipIf(withoutEngine)('a container that somebody has disconnected from its network', () => {
	/** Disconnects a service that the rollback would leave alone. */
	const isConnected = async (more: string, network: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  api: { image: "${baseImage}", restart: always, stop_grace_period: 2s, ${serving}${more} }\nnetworks: { back: {} }\n`,
		}));
		await site.deploy();
		const api = `${site.token}-api-1`;
		const name = `${site.token}_${network}`;
		await site.docker('network', 'disconnect', name, api);
		const networks = () => site.docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', api);
		const before = await networks();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, then) => [
			...(await runs({ web: '1' })(now, { ...then, containers: [] })),
			...((await networks()).includes(`"${name}"`) ? [] : [`api is not connected to ${name}`]),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect((await networks()).includes(`"${name}"`)).toBe(before.includes(`"${name}"`));
	};

	test('is connected again by a rollback, and not by its undo', { tags: 'long' }, ({ openSite }) =>
		isConnected('', 'default', { openSite }),
	);
	test('is so where it has another network still', { tags: 'long' }, ({ openSite }) =>
		isConnected(', networks: [default, back]', 'back', { openSite }),
	);

	test('and connected again without its name is found by that after a rollback', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  api: { image: "${baseImage}", restart: always, stop_grace_period: 2s, ${serving} }\n`,
		}));
		await site.deploy();
		const [api, network] = [`${site.token}-api-1`, `${site.token}_default`];
		await site.docker('network', 'disconnect', network, api);
		await site.docker('network', 'connect', network, api);
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(
			site,
			run,
			async () =>
				await site.docker('exec', `${site.token}-web-1`, 'nslookup', 'api').then(
					() => [],
					(error: unknown) => [`web does not find api: ${error}`],
				),
		);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
	});
});

describe.skipIf(withoutEngine)('a container that somebody has given another name and address in its network', () => {
	test('is not recreated without them, unless that is allowed; the undo gives them back', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, networks: { default: { aliases: [site] } } }\nnetworks: { default: { ipam: { config: [{ subnet: 10.213.7.0/24 }] } } }\n',
		}));
		await site.deploy();
		const [web, network] = [`${site.token}-web-1`, `${site.token}_default`];
		const own = ['web', web, 'site', 'db-primary'].flatMap((alias) => ['--alias', alias]);
		await site.docker('network', 'disconnect', network, web);
		await site.docker('network', 'connect', ...own, '--ip', '10.213.7.77', network, web);
		const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Aliases}}{{end}}';
		const has = async () => {
			const said = await site.docker('inspect', '--format', format, web);
			return [said.includes('10.213.7.77'), said.includes('db-primary'), said.includes('site')];
		};
		const there = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...there);
		expect([refused.code, await has()], refused.text).toEqual([4, [true, true, true]]);
		const allow = ['web:alias:db-primary', `web:address:${network}`].flatMap((loss) => ['--allow', loss]);
		const allowed = await site.backout(...there, ...allow);
		expect([allowed.code, await has()], allowed.text).toEqual([0, [false, false, true]]);
		const back = await site.backout('undo', 'last', '--yes');
		expect([back.code, await has()], back.text).toEqual([0, [true, true, true]]);
	});
});

describe.skipIf(withoutEngine)('a container whose processors somebody has limited', () => {
	const isGivenBack = async (limit: string, setting: string, value: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const web = `${site.token}-web-1`;
		await site.docker('update', limit, value, web);
		const has = async () =>
			(await site.docker('inspect', '--format', `{{.HostConfig.${setting}}}`, web)).trim().replace('<nil>', '0');
		const there = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...there);
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toContain(`--allow web:limit:${setting}`);
		expect(await has()).toBe(value);
		const allowed = await site.backout(...there, '--allow', `web:limit:${setting}`);
		expect(allowed.code, allowed.text).toBe(0);
		expect(await has()).not.toBe(value);
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		expect(await has()).toBe(value);
	};

	test('is not recreated without that, unless that is allowed; the undo gives it back', ({ openSite }) =>
		isGivenBack('--cpu-shares', 'CpuShares', '512', { openSite }));
	test('is not, either, where they are a set', { tags: 'long' }, ({ openSite }) =>
		isGivenBack('--cpuset-cpus', 'CpusetCpus', '0', { openSite }),
	);
	test('or a quota', { tags: 'long' }, ({ openSite }) => isGivenBack('--cpu-quota', 'CpuQuota', '50000', { openSite }));
	test('or its processes are', { tags: 'long' }, ({ openSite }) =>
		isGivenBack('--pids-limit', 'PidsLimit', '150', { openSite }),
	);
});

describe.skipIf(withoutEngine)('a container that somebody has paused', () => {
	test('is not recreated, and so started, unless that is allowed; the undo pauses it again', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  worker: { build: ., restart: always, stop_grace_period: 2s }\n',
		}));
		await site.deploy();
		const worker = `${site.token}-worker-1`;
		await site.docker('pause', worker);
		const state = async () => (await site.docker('inspect', '--format', '{{.State.Status}}', worker)).trim();
		const there = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...there);
		expect([refused.code, await state()], refused.text).toEqual([4, 'paused']);
		expect(refused.text).toContain('--allow worker:paused');
		const allowed = await site.backout(...there, '--allow', 'worker:paused');
		expect([allowed.code, await state()], allowed.text).toEqual([0, 'running']);
		const back = await site.backout('undo', 'last', '--yes');
		expect([back.code, await state()], back.text).toEqual([0, 'paused']);
		expect(back.text).toContain('worker was paused');
	});
});
