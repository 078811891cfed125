import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { type OpenSite, test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const withData = (head: string) => () => ({
	'compose.yaml': `${head}services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["data:/data"] }\nvolumes: { data: {} }\n`,
});

const nothingRuns: Wanted = (now) =>
	now.containers
		.filter(({ state }) => state === 'up')
		.map(({ project, service }) => `${project}/${service} still runs`);

/** The ways in which the owner named the project other than its folder. */
const names: Record<string, (token: string) => { compose?: string; dotenv?: string; args?: string[] }> = {
	'in the Compose file': (token) => ({ compose: `name: pictures-${token}\n` }),
	'in .env': (token) => ({ dotenv: `COMPOSE_PROJECT_NAME=album-${token}\n` }),
	'in the Compose file, from a variable of .env': (token) => ({
		compose: 'name: ${STACK}\n',
		dotenv: `STACK=var-${token}\n`,
	}),
};

const openNamed = async (openSite: OpenSite, how: string): Promise<{ site: Site; first: string }> => {
	const site = await openSite({ within: (token) => `app-${token}` });
	const { compose = '', dotenv } = names[how]?.(site.token) ?? {};
	if (dotenv !== undefined) {
		site.write({ '.gitignore': '.env\n', [`app-${site.token}/.env`]: dotenv });
	}
	const first = await twoVersions(site, withData(compose));
	await site.deploy();
	return { site, first };
};

describe.skipIf(withoutEngine)('the project of a deployment', () => {
	const isRolledBack = async (how: string, { openSite }: WithSite): Promise<void> => {
		const { site, first } = await openNamed(openSite, how);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	};
	test.for(Object.keys(names).slice(2))('with its name %s is the one that is rolled back', isRolledBack);
	test.for(Object.keys(names).slice(0, 2))(
		'with its name %s is the one that is rolled back',
		{ tags: 'long' },
		isRolledBack,
	);

	const isStopped = async (how: string, { openSite }: WithSite): Promise<void> => {
		const { site } = await openNamed(openSite, how);
		const judged = await judgeRun(site, ['stop-everything'], nothingRuns, { stopped: true });
		expect(judged.findings, judged.text).toEqual([]);
		// The file names its project.
		expect(judged.outcome, judged.text).toBe('verified');
	};
	test.for(Object.keys(names))('with its name %s is the one that is stopped', { tags: 'long' }, isStopped);

	test('given by -p is found by the folder of its containers, or the run is refused', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const named = await openSiteWithProject(site);
		const judged = await judgeRun(
			named.site,
			['rollback-commit', '--input', `commit=${named.first}`],
			runs({ web: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('of a config that names a project that is not there is refused, with both named', async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		site.configure([`project: other-${site.token}`]);
		for (const args of [['rollback-commit', '--input', `commit=${first}`], ['stop-everything'], ['start-everything']]) {
			const judged = await judgeRun(site, args, () => ['a project that has no container is called well']);
			expect(judged.findings, judged.text).toEqual([]);
			expect(judged.outcome, judged.text).toBe('refused');
		}
	});

	test('in a folder that is reached by a symbolic link is the same project', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const link = join(site.folder, `current-${site.token}`);
		symlinkSync(site.directory, link);
		site.configure([`directory: ${link}`]);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('beside another one from the same folder is not taken for it', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({});
		const first = await twoVersions(site);
		const { token } = site;
		const blue = `blue-${token}`;
		const green = `green-${token}`;
		await site.docker('compose', '-p', blue, 'up', '-d', '--build');
		await site.docker('compose', '-p', green, 'up', '-d', '--build');
		site.configure([`directory: ${site.directory}`, `project: ${blue}`]);
		const judged = await judgeRun(
			{ ...site, compose: (...args) => site.docker('compose', '-p', blue, ...args) },
			['rollback-commit', '--input', `commit=${first}`],
			(now, before) => [
				...now.containers
					.filter((item) => item.project === blue && item.version !== '1')
					.map(() => 'blue runs version 2'),
				...(JSON.stringify(now.containers.filter(({ project }) => project === green)) ===
				JSON.stringify(before.containers.filter(({ project }) => project === green))
					? []
					: ['green was changed']),
			],
		);
		expect(judged.findings, judged.text).toEqual([]);
	});
});

const openSiteWithProject = async (site: Site): Promise<{ site: Site; first: string }> => {
	const named = `stack-${site.token}`;
	const first = await twoVersions(site);
	const owner = { ...site, compose: (...args: string[]) => site.docker('compose', '-p', named, ...args) };
	await owner.compose('up', '-d', '--build');
	return { site: owner, first };
};
