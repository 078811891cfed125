import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { crashes, plainProject, serves } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

/** An image that has all of `files` copied into it, each at the root. */
const withFiles = (version: string, files: readonly string[]) =>
	`FROM ${baseImage}\nLABEL test.version=${version}\nCOPY app.sh ${files.join(' ')} /\nCMD ["sh", "/app.sh"]\n`;

/** Wants a file of the image that runs to hold this. */
const holds =
	(site: Site, file: string, text: string): Wanted =>
	async () => {
		const found = await site.docker('exec', `${site.token}-web-1`, 'cat', file).catch(() => 'nothing');
		return found.trim() === text ? [] : [`${file} of the image that runs holds ${found}, not ${text}`];
	};

/** A repository for a submodule, with a commit for each text; gives its path. */
const library = async (site: Site, texts: readonly string[]): Promise<{ path: string; hashes: string[] }> => {
	const path = `${site.folder}/library`;
	const git = (...args: string[]) => must('git', args, { cwd: site.folder, env: site.env });
	await git('init', '-q', '-b', 'main', path);
	const hashes: string[] = [];
	for (const text of texts) {
		site.write({ '../library/lib.txt': `${text}\n` });
		await git('-C', path, 'add', '-A');
		await git('-C', path, 'commit', '-q', '-m', text);
		hashes.push(await git('-C', path, 'rev-parse', 'HEAD'));
	}
	return { path, hashes };
};

const file = ['-c', 'protocol.file.allow=always'];

describe.skipIf(withoutEngine)('what a build needs is in the image of the older commit', () => {
	test('a folder that is empty, and so not in git', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const files = (version: string) => ({
			...plainProject(version),
			Dockerfile: `FROM ${baseImage}\nLABEL test.version=${version}\nCOPY . /src/\nCMD ["sh", "/src/app.sh"]\n`,
			'lib/kept.txt': 'kept\n',
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.sh('mkdir -p tmp/pids lib/cache');
		await site.deploy();
		const folders = ['/src/tmp/pids', '/src/lib/cache'];
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await runs({ web: '1' })(now, before)),
			...(await site.docker('exec', `${site.token}-web-1`, 'ls', '-d', ...folders).then(
				() => [],
				(error: unknown) => [`the image lacks a folder: ${error}`],
			)),
		]);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
	});

	test('a submodule, at the commit that the older one names', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { path, hashes } = await library(site, ['library one', 'library two']);
		await site.git(...file, 'submodule', 'add', '-q', path, 'lib');
		await site.git('-C', 'lib', 'checkout', '-q', hashes[0] ?? '');
		const files = (version: string) => ({ ...plainProject(version), Dockerfile: withFiles(version, ['lib/lib.txt']) });
		const first = await site.commit('one', files('1'));
		await site.git('-C', 'lib', 'checkout', '-q', hashes[1] ?? '');
		await site.commit('two', files('2'));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await runs({ web: '1' })(now, before)),
			...(await holds(site, '/lib.txt', 'library one')(now, before)),
		]);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('a submodule whose folder is copied and may be empty', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { path } = await library(site, ['library']);
		await site.git(...file, 'submodule', 'add', '-q', path, 'lib');
		const files = (version: string) => ({ ...plainProject(version), Dockerfile: withFiles(version, ['lib']) });
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			holds(site, '/lib.txt', 'library'),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('a file that git ignores', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'licence.key\n', 'licence.key': 'ABC-DEF\n' });
		const files = (version: string) => ({ ...plainProject(version), Dockerfile: withFiles(version, ['licence.ke*']) });
		const first = await site.commit('one', files('1'));
		await site.commit('two', { ...files('2'), 'app.sh': crashes });
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			holds(site, '/licence.key', 'ABC-DEF'),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('a folder that git ignores', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'assets/\n', 'assets/logo.txt': 'a logo\n' });
		const files = (version: string) => ({
			...plainProject(version),
			Dockerfile: `FROM ${baseImage}\nLABEL test.version=${version}\nCOPY . /app\nCMD ["sh", "/app/app.sh"]\n`,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.deploy();
		const judged = await judgeRun(
			site,
			['failed-deployment', '--input', `commit=${first}`],
			holds(site, '/app/assets/logo.txt', 'a logo'),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	/** Rolls back a project whose build has an argument from a variable of .env. */
	const isVerified = async (site: Site): Promise<void> => {
		const files = (version: string) => ({
			'compose.yaml':
				'services:\n  web: { build: { context: ., args: { FLAVOUR: "${FLAVOUR:-plain}" } }, restart: always, stop_grace_period: 2s }\n',
			Dockerfile: `FROM ${baseImage}\nARG FLAVOUR\nENV FLAVOUR=$FLAVOUR\nLABEL test.version=${version}\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`,
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	};

	test('a build argument from .env', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env\n', '.env': 'FLAVOUR=salted\n' });
		await isVerified(site);
	});

	const wholeFolder = (version: string) => ({
		...plainProject(version),
		Dockerfile: `FROM ${baseImage}\nLABEL test.version=${version}\nCOPY . /app\nCMD ["sh", "/app/app.sh"]\n`,
	});

	test('the line ends that .gitattributes of that commit gives a file', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const files = (version: string) => ({ ...wholeFolder(version), 'a.conf': `a ${version}\n` });
		const first = await site.commit('one', { ...files('1'), '.gitattributes': '*.conf text eol=crlf\n' });
		await site.commit('two', { ...files('2'), '.gitattributes': '*.sh text\n' });
		await site.deploy();
		const ends = async (): Promise<string[]> => {
			const built = await site.docker('exec', `${site.token}-web-1`, 'od', '-c', '/app/a.conf');
			return built.includes('\\r') ? [] : [`a.conf of the image that runs is without CR: ${built}`];
		};
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], ends);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test("git's own folder, with that commit checked out", { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', wholeFolder('1'));
		await site.commit('two', wholeFolder('2'));
		await site.deploy();
		const logged = await site.git('reflog');
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await holds(site, '/app/.git/refs/heads/main', first)(now, before)),
			...(await holds(site, '/app/.git/HEAD', 'ref: refs/heads/main')(now, before)),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(await site.git('reflog')).toContain(logged.split('\n')[0]?.replace(/^.*: /, ''));
		await site.git('fsck', '--strict');
	});

	test('a file that git was told to overlook, as it is', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', { ...wholeFolder('1'), 'settings.py': 'development\n' });
		await site.commit('two', wholeFolder('2'));
		await site.git('update-index', '--skip-worktree', 'settings.py');
		site.write({ 'settings.py': 'production\n' });
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			holds(site, '/app/settings.py', 'production'),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('nothing that a sparse checkout leaves out', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const conf = (version: string) => ({ 'conf.d/all.conf': version, 'conf.d/dev.conf': 'development\n' });
		const first = await site.commit('one', { ...wholeFolder('1'), ...conf('1') });
		await site.commit('two', { ...wholeFolder('2'), ...conf('2') });
		await site.git('sparse-checkout', 'set', '--no-cone', '/*', '!/conf.d/dev.conf');
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await holds(site, '/app/conf.d/dev.conf', 'nothing')(now, before)),
			...(await holds(site, '/app/conf.d/all.conf', '1')(now, before)),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('a file below an ignored folder, which is included again', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'dist/\n', '.dockerignore': 'dist\n!dist/app.jar\n', 'dist/app.jar': 'a jar\n' });
		const first = await site.commit('one', wholeFolder('1'));
		await site.commit('two', wholeFolder('2'));
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			holds(site, '/app/dist/app.jar', 'a jar'),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	});

	test('a build argument from an .env that leads out of the repository', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '../shared/production.env': 'FLAVOUR=salted\n' });
		await site.sh('ln -s ../shared/production.env .env');
		await isVerified(site);
	});

	test('or it is refused: of a submodule that the deployed commit does not have', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const { path } = await library(site, ['library']);
		await site.git(...file, 'submodule', 'add', '-q', path, 'lib');
		const first = await site.commit('one', { ...plainProject('1'), Dockerfile: withFiles('1', ['lib']) });
		await site.git('rm', '-q', 'lib');
		await site.commit('two', plainProject('2'));
		await site.deploy();
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['it was built without it']);
		expect(refused.findings, refused.text).toEqual([]);
		expect([refused.outcome, refused.text]).toEqual([
			'refused',
			expect.stringContaining(`clone its repository to '${site.top}/lib'`),
		]);
		await must('git', ['clone', '-q', path, `${site.top}/lib`], { cwd: site.folder, env: site.env });
		const judged = await judgeRun(site, run, holds(site, '/lib.txt', 'library'));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	});

	test('an image of that commit that is still here comes before a build', async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', plainProject('1'));
		await site.commit('two', plainProject('2'));
		await site.deploy();
		const there = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(there.code, there.text).toBe(0);
		const built = (await site.containers())[0]?.image;
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		// Its build can no longer be repeated.
		await site.docker('builder', 'prune', '-af');
		await site.docker('tag', baseImage, `${site.token}/base:1`);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], (now) =>
			now.containers.filter(({ image }) => image !== built).map(({ image }) => `web runs ${image}, not ${built}`),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});
});
