import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { crashes, dockerfile, plainProject, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { all, doesNotRun, judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const service = (name: string, more = '') =>
	`  ${name}: { build: ., restart: always, stop_grace_period: 2s${more && `, ${more}`} }\n`;

/** Commits a Compose file for each version, deploys both in turn, and gives the first commit. */
const deployEach = async (site: Site, files: readonly string[], program = serves): Promise<string> => {
	const hashes: string[] = [];
	for (const [index, services] of files.entries()) {
		const version = String(index + 1);
		hashes.push(
			await site.commit(`version ${version}`, {
				'compose.yaml': `services:\n${services}`,
				Dockerfile: dockerfile(version),
				'app.sh': version === '1' ? serves : program,
			}),
		);
		await site.compose('up', '-d', '--build', '--remove-orphans');
	}
	return hashes[0] ?? '';
};

/** One procedure in the short form, the other in the long one. */
const [short, long] = [['rollback-commit'], ['failed-deployment']] as const;

describe.skipIf(withoutEngine)('a service that only one of the commits has', () => {
	const stopsTheAdded = async (procedure: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await deployEach(site, [service('web'), service('web') + service('extra')]);
		const judged = await judgeRun(
			site,
			[procedure, '--input', `commit=${first}`],
			all(runs({ web: '1' }), doesNotRun('extra')),
		);
		expect(judged.findings, judged.text).toEqual([]);
	};
	test.for(short)('and that the newer one added does not go on running: %s', stopsTheAdded);
	test.for(long)('and that the newer one added does not go on running: %s', { tags: 'long' }, stopsTheAdded);

	const startsTheMissing = async (procedure: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await deployEach(site, [service('web') + service('worker'), service('web')]);
		const judged = await judgeRun(site, [procedure, '--input', `commit=${first}`], runs({ web: '1', worker: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
	};
	test.for([...short, ...long])(
		'and that the older one has more runs afterwards: %s',
		{ tags: 'long' },
		startsTheMissing,
	);

	test('because it was renamed', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployEach(site, [service('app'), service('web')]);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			all(runs({ app: '1' }), doesNotRun('web')),
		);
		expect(judged.findings, judged.text).toEqual([]);
		// The service that is to be rolled back is not there at that commit: nothing is built or switched before that is said.
		expect(judged.outcome, judged.text).toBe('refused');
		expect(judged.text).toContain('app');
	});

	test('because another one than the main one was renamed', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployEach(site, [service('web') + service('jobs'), service('web') + service('worker')]);
		const judged = await judgeRun(
			site,
			['failed-deployment', '--input', `commit=${first}`],
			all(runs({ web: '1', jobs: '1' }), doesNotRun('worker')),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('and that the newer one put into a profile runs again', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployEach(site, [
			service('web') + service('mail'),
			service('web') + service('mail', 'profiles: [mail]'),
		]);
		const judged = await judgeRun(
			site,
			['failed-deployment', '--input', `commit=${first}`],
			runs({ web: '1', mail: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('and that cannot start at the older one is not called well', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const broken = `  worker: { image: "backout-test/base:1", command: [sh, -c, "exit 3"], restart: always }\n`;
		const first = await deployEach(site, [service('web') + broken, service('web')]);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'worker crashes, and the run is called verified',
		]);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('and whose settings the newer one changed has the older ones again', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const worker = (mode: string, policy: string) =>
			`  worker: { image: "backout-test/base:1", ${serving}, environment: { MODE: ${mode} }, restart: ${policy}, stop_grace_period: 2s }\n`;
		const first = await deployEach(
			site,
			[service('web') + worker('old', 'always'), service('web') + worker('new', 'unless-stopped')],
			crashes,
		);
		const judged = await judgeRun(site, ['failed-deployment', '--input', `commit=${first}`], (now) =>
			now.containers
				.filter((item) => item.service === 'worker' && !(item.env.includes('MODE=old') && item.policy === 'always:0'))
				.map(({ env, policy }) => `worker has ${env.join(' ')} ${policy}`),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});
});

describe.skipIf(withoutEngine)('a deployment that stopped half-way', () => {
	test('leaves services that were created and never started: they run again, too', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const side = service('side', 'command: ["sh", "/app.sh"], depends_on: [web]');
		const first = await deployEach(site, [service('web') + side]);
		await site.commit('version 2', {
			'compose.yaml': `services:\n${service('web', 'entrypoint: ["/not-there"]')}${side}`,
			Dockerfile: dockerfile('2'),
		});
		await expect(site.compose('up', '-d', '--build')).rejects.toThrow(/not-there/);
		const states = await site.docker('ps', '-a', '--format', '{{.Names}} {{.State}}');
		expect(states).toContain(`${site.token}-side-1 created`);
		const args = ['rollback-commit', '--input', `commit=${first}`];
		// That Docker could not start a container is nothing that an undo brings back.
		const judged = await judgeRun(site, args, runs({ web: '1', side: '1' }), { undo: false });
		expect(judged.outcome, judged.text).toBe('verified');
		expect(judged.findings, judged.text).toEqual([]);
	});
});

describe.skipIf(withoutEngine)('the commit that is checked out', () => {
	test('can be deployed again where something else runs', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await deployEach(site, [service('web') + service('worker'), service('web') + service('worker')]);
		const head = await site.git('rev-parse', 'HEAD');
		site.write({ '../elsewhere/Dockerfile': dockerfile('other'), '../elsewhere/app.sh': serves });
		await site.docker('build', '-q', '-t', `${site.token}-worker`, '../elsewhere');
		await site.compose('up', '-d', '--no-build');
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${head}`],
			runs({ web: '2', worker: '2' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(judged.text).not.toContain(`commit ${head.slice(0, 9)} was rolled back`);
	});
});

describe.skipIf(withoutEngine)('the name of a container', () => {
	/** Deploys two versions of which the second is made from nothing, as its names would be in the way. */
	const deployAnew = async (site: Site, files: readonly [string, string]): Promise<string> => {
		const first = await site.commit('one', { ...plainProject('1'), 'compose.yaml': `services:\n${files[0]}` });
		await site.commit('two', { ...plainProject('2'), 'compose.yaml': `services:\n${files[1]}` });
		await site.deploy();
		return first;
	};
	const queue = (name: string, container: string) =>
		`  ${name}: { image: "${baseImage}", restart: always, stop_grace_period: 2s, container_name: ${container}, ${serving} }\n`;
	/** Wants the containers of these services that run to be called so. */
	const called =
		({ docker, token }: Site, names: Readonly<Record<string, string>>): Wanted =>
		async () => {
			const format = '{{.Label "com.docker.compose.service"}} {{.Names}}';
			const now = (await docker('ps', '--filter', `name=${token}`, '--format', format)).split('\n');
			return Object.entries(names)
				.filter(([name, container]) => !now.includes(`${name} ${container}`))
				.map(([name, container]) => `${name} is not called ${container}: ${now.join(', ')}`);
		};

	test('goes with a service that was renamed, and comes back with the undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const name = `${site.token}-queue`;
		const first = await deployAnew(site, [
			service('web') + queue('jobs', name),
			service('web') + queue('worker', name),
		]);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			all(runs({ web: '1' }), doesNotRun('worker'), called(site, { jobs: name })),
		);
		expect([judged.findings, judged.outcome, judged.undo], judged.text).toEqual([[], 'verified', 'verified']);
		expect(await called(site, { worker: name })(await site.snapshot(), judged.before)).toEqual([]);
	});

	test('changes places with that of another service', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const [live, idle] = [`${site.token}-live`, `${site.token}-idle`];
		const first = await deployAnew(site, [
			service('web') + queue('blue', live) + queue('green', idle),
			service('web') + queue('blue', idle) + queue('green', live),
		]);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			all(runs({ web: '1' }), called(site, { blue: live, green: idle })),
		);
		expect([judged.findings, judged.outcome, judged.undo], judged.text).toEqual([[], 'verified', 'verified']);
	});
});
