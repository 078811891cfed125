import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const policy = 'restart: always, stop_grace_period: 2s';

/** A project with `web`, which is built, and `db`, which mounts this. */
const files = (version: string, mount: string): Record<string, string> => ({
	'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  db: { image: "${baseImage}", ${policy}, ${serving}, volumes: ["${mount}"] }\n`,
	Dockerfile: dockerfile(version),
	'app.sh': serves,
});

/** What the container of db has at a path. */
const inDb = (site: Site, ...command: string[]): Promise<string> =>
	site.docker('exec', `${site.token}-db-1`, ...command);

describe.skipIf(withoutEngine)('a commit that mounts what is not on the host is refused', () => {
	test('after a folder with data was moved', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'data\nvar\n', 'data/rows': 'hello\n' });
		const first = await site.commit('one', files('1', './data:/data'));
		await site.sh('mkdir var && mv data var/data');
		await site.commit('two', files('2', './var/data:/data'));
		await site.deploy();
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['its data is not there']);
		expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
		expect(refused.text).toContain(`there is no ${join(site.directory, 'data')} on the host`);
		expect(refused.text).toContain('--allow db:mount:/data');
		expect(existsSync(join(site.directory, 'data'))).toBe(false);
	});

	test('after a file that git ignores was removed; allowed by name it is not', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		site.write({ '.gitignore': 'local.conf\n', 'local.conf': 'x\n' });
		const first = await site.commit('one', files('1', './local.conf:/etc/local.conf:ro'));
		await site.sh('rm local.conf');
		await site.commit('two', files('2', './app.sh:/app.sh:ro'));
		await site.deploy();
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['a folder is in place of the file']);
		expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
		expect(refused.text).toContain('--allow db:mount:/etc/local.conf');
		const judged = await judgeRun(
			site,
			[...run, '--allow', 'db:mount:/etc/local.conf', '--allow', 'db:mount:/app.sh'],
			() => [],
		);
		expect([judged.findings, judged.outcome, judged.undo], judged.text).toEqual([[], 'verified', 'verified']);
	});

	/** Wants a rollback to be refused that makes `web` anew after this was done to its folder of data, with these words. */
	const isRefusedAfter = async (what: string, words: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const web = `services:\n  web: { build: ., ${policy}, volumes: ["./data:/data"] }\n`;
		site.write({ '.gitignore': 'data*\n', '.dockerignore': 'data*\n', 'data/rows': 'hello\n' });
		const first = await site.commit('one', { ...files('1', './data:/data'), 'compose.yaml': web });
		await site.commit('two', { Dockerfile: dockerfile('2') });
		await site.deploy();
		await site.sh(what);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => ['it is empty']);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'refused']);
		expect(judged.text).toContain(words.replace('DATA', join(site.directory, 'data')));
		expect(judged.text).toContain('--allow web:mount:/data');
	};
	test('after somebody has removed the folder from under the container', { tags: 'long' }, ({ openSite }) =>
		isRefusedAfter('rm -r data', 'there is no DATA on the host', { openSite }),
	);
	test('after the folder was moved away and made again', { tags: 'long' }, ({ openSite }) =>
		isRefusedAfter('mv data data.away && mkdir data', 'DATA is an empty folder on the host now', { openSite }),
	);

	test('unless the commit brings it, or it is there and empty', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', { ...files('1', './conf:/conf:ro'), 'conf/a.conf': '1\n' });
		await site.sh('git rm -q -r conf && mkdir empty');
		await site.commit('two', files('2', './empty:/conf:ro'));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async () =>
			(await inDb(site, 'cat', '/conf/a.conf')) === '1' ? [] : ['db does not have the file'],
		);
		expect([judged.findings, judged.outcome, judged.undo], judged.text).toEqual([[], 'verified', 'verified']);
		expect(readdirSync(join(site.directory, 'empty'))).toEqual([]);
	});
});

describe.skipIf(withoutEngine)('a mounted file that was replaced while its container ran', () => {
	/** The container of db has the file of the first commit, whose name another file has since. */
	const replaced = async (site: Site, then: string): Promise<string> => {
		await site.commit('zero', { ...files('0', './db.conf:/db.conf:ro'), 'db.conf': 'old\n' });
		await site.deploy();
		await site.sh('rm db.conf');
		const first = await site.commit('one', { ...files('1', './db.conf:/db.conf:ro'), 'db.conf': `${then}\n` });
		await site.commit('two', files('2', './db.conf:/db.conf:ro'));
		await site.deploy();
		return first;
	};

	test('is that of the commit afterwards, and the plan says so', async ({ openSite }) => {
		const site = await openSite();
		const first = await replaced(site, 'new');
		expect(await inDb(site, 'cat', '/db.conf')).toBe('old');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const plan = await site.backout('plan', ...run);
		expect(plan.text.replaceAll(/\s+/g, ' ')).toContain('it still has an older db.conf than there is on the host');
		const judged = await judgeRun(
			site,
			run,
			async (now, before) => [
				...((await inDb(site, 'cat', '/db.conf')) === 'new' ? [] : ['db has the file of another commit']),
				...(await runs({ web: '1' })(now, before)),
			],
			{ undo: false },
		);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
	});

	test('by one with the same content leaves the container alone', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await replaced(site, 'old');
		const idOf = () => site.docker('inspect', '--format', '{{.Id}}', `${site.token}-db-1`);
		const before = await idOf();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			async () => ((await idOf()) === before ? [] : ['db was made anew']),
			{ undo: false },
		);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
	});

	test('behind a link that leads to the next release is that of it', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'releases\ncurrent\n', 'releases/1/v': '1\n', 'releases/2/v': '2\n' });
		await site.sh('ln -s releases/1 current');
		const first = await site.commit('one', files('1', './current:/app:ro'));
		await site.commit('two', files('2', './current:/app:ro'));
		await site.deploy();
		await site.sh('ln -sfn releases/2 current');
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			async () => ((await inDb(site, 'cat', '/app/v')) === '2' ? [] : ['db has the release of before']),
			{ undo: false },
		);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
	});
});
