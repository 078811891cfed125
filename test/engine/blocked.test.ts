import { describe, expect } from 'vitest';
import type { Said } from '../helpers/program.ts';
import { dockerfile, serves } from './harness/files.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

const files = (version: string) => ({
	'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n',
	Dockerfile: dockerfile(version),
	'app.sh': serves,
});

/** A clone of an upstream repository, where version 2 was deployed and rolled back to version 1. */
const rolledBack = async (openSite: OpenSite): Promise<{ site: Site; first: string; bad: string; said: Said }> => {
	const site = await openSite();
	const first = await site.commit('version 1', files('1'));
	await site.deploy();
	const bad = await site.commit('version 2', files('2'));
	await site.deploy();
	await site.sh(`git clone -q --bare . '${site.folder}/upstream.git'`);
	await site.sh(`git remote add origin '${site.folder}/upstream.git' && git fetch -q && git branch -q -u origin/main`);
	const said = await site.backout(
		...['run', 'rollback-commit', '--input', `commit=${first}`, '--yes', '--reason', 'orders fail'],
	);
	expect(said.code, said.text).toBe(0);
	expect(await site.git('rev-parse', 'HEAD')).toBe(first);
	return { site, first, bad, said };
};
/** A pipeline's command under the lock; nothing is saved first, as that is not what is tested here. */
const locked = (site: Site, script: string) =>
	site.backout('with-lock', '--no-restore-point', '--', 'sh', '-c', script);
const status = async (site: Site) => (await site.backout('status')).text;
const pullAndUp = 'git pull -q --ff-only && docker compose up -d --build';
const again = /the version that was rolled back at .* UTC is deployed again/;

describe.skipIf(withoutEngine)('a version that was rolled back', () => {
	test('is refused under the lock, by a pull and by its name, until it is unblocked', { tags: 'long' }, async ({
		openSite,
	}) => {
		const { site, bad, said } = await rolledBack(openSite);
		expect(said.text).toContain('is blocked for 7d');
		const offered = await site.backout('inputs', 'rollback-commit', '--json');
		const choices = JSON.parse(offered.text).inputs[0].choices as { value: string; marks: string[] }[];
		expect(choices.filter(({ marks }) => marks.includes('blocked')).map(({ value }) => value)).toEqual([bad]);
		const pulled = await locked(site, pullAndUp);
		expect(pulled.code, pulled.text).toBe(4);
		expect(pulled.text).toMatch(/what git pull would get from origin: commit [0-9a-f]{40} was rolled back at/);
		expect(pulled.text).toContain('(orders fail)');
		expect(pulled.text).toContain('backout unblock');
		const named = await locked(site, `git checkout -q ${bad.slice(0, 10)} && docker compose up -d --build`);
		expect(named.code, named.text).toBe(4);
		expect(await site.git('rev-parse', 'HEAD')).not.toBe(bad);
		expect(await status(site)).not.toMatch(again);
		const lifted = await site.backout('unblock', '--reason', 'it was the database');
		expect(lifted.text).toMatch(/commit [0-9a-f]{9} may be deployed again/);
		const allowed = await locked(site, pullAndUp);
		expect(allowed.code, allowed.text).toBe(0);
		expect(await site.git('rev-parse', 'HEAD')).toBe(bad);
		expect(await status(site)).not.toMatch(again);
	});

	test('is seen past the lock, and when a command deploys it all the same', { tags: ['long'] }, async ({
		openSite,
	}) => {
		const { site, first, bad } = await rolledBack(openSite);
		await site.sh(pullAndUp);
		const seen = await site.backout('status', '--json');
		expect(seen.text).toMatch(again);
		expect(JSON.parse(seen.text.split('\n')[0] ?? '').commit.value.blocked).toMatchObject({
			commit: bad,
			reason: 'orders fail',
		});
		const left = await locked(site, 'true');
		expect(left.code, left.text).toBe(1);
		expect(left.text).toContain('the command has left a blocked version deployed');
		await site.sh(`git reset -q --hard ${first} && docker compose up -d --build`);
		expect(await status(site)).not.toMatch(again);
		// Nothing in its words names the version.
		const hidden = await locked(
			site,
			'git reset -q --hard "$(cat .git/refs/remotes/origin/main)" && docker compose up -d --build',
		);
		expect(hidden.code, hidden.text).toBe(1);
		expect(hidden.text).toContain('the command has deployed a blocked version');
	});

	test('does not keep a fix from being deployed while it runs', { tags: ['long'] }, async ({ openSite }) => {
		const { site, bad } = await rolledBack(openSite);
		await site.sh(pullAndUp);
		expect(await site.git('rev-parse', 'HEAD')).toBe(bad);
		// Nothing newer is there yet.
		const same = await locked(site, pullAndUp);
		expect(same.code, same.text).toBe(4);
		const author = `git -c user.name=t -c user.email=t@t -C '${site.folder}/author'`;
		await site.sh(
			`git clone -q '${site.folder}/upstream.git' '${site.folder}/author' && echo '# fixed' >>'${site.folder}/author/app.sh' && ${author} commit -q -a -m fix && ${author} push -q origin HEAD`,
		);
		const fixed = await locked(site, 'git fetch -q && git reset -q --hard origin/main && docker compose up -d --build');
		expect(fixed.code, fixed.text).toBe(0);
		expect(await site.git('log', '-1', '--format=%s')).toBe('fix');
		expect(await status(site)).not.toMatch(again);
	});

	test('needs to be allowed by name in a plan, and is free again once it is verified', { tags: 'long' }, async ({
		openSite,
	}) => {
		const { site, bad } = await rolledBack(openSite);
		const forward = ['rollback-commit', '--input', `commit=${bad}`];
		const refused = await site.backout('run', ...forward, '--yes');
		expect(refused.code, refused.text).toBe(4);
		const name = /--allow (version:blocked:\S+?);/.exec(refused.text)?.[1] ?? '';
		const allowed = await site.backout('run', ...forward, '--yes', '--allow', name);
		expect(allowed.code, allowed.text).toBe(0);
		expect(await status(site)).not.toMatch(again);
		expect((await site.backout('unblock', '--reason', 'x')).text).toContain('no version is blocked');
	});

	// Tests run side by side here, and a poll has to know whose it is.
	test('is not deployed in the time between a rollback and its verdict', { tags: ['long'] }, async ({
		openSite,
		expect,
	}) => {
		const { site, first, bad } = await rolledBack(openSite);
		await site.backout('unblock', '--reason', 'once more');
		await site.sh(pullAndUp);
		const detached = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes', '--detach');
		expect(detached.code, detached.text).toBe(0);
		const steps = async () => (await site.backout('runs', '--json')).text.split('\n')[0] ?? '';
		await expect.poll(steps, { timeout: 120_000 }).toContain('"state":"succeeded"');
		const early = await locked(site, pullAndUp);
		expect(early.code, early.text).toBe(4);
		expect(early.text).toContain('is not verified yet');
		expect((await site.backout('verify', '--now')).text).toMatch(
			/run \S+ \(.*\) has no verdict yet: .*attach \S+ gives it/,
		);
		expect((await site.backout('attach', 'last')).code).toBe(0);
		expect((await locked(site, pullAndUp)).text).toContain('what git pull would get from origin');
		expect(await site.git('rev-parse', 'HEAD')).not.toBe(bad);
	});

	test('is free again when its rollback is undone', { tags: ['long'] }, async ({ openSite }) => {
		const { site, bad } = await rolledBack(openSite);
		const undone = await site.backout('undo', 'last', '--yes');
		expect(undone.code, undone.text).toBe(0);
		expect(undone.text).toContain('deploys again what was rolled back');
		expect(await site.git('rev-parse', 'HEAD')).toBe(bad);
		expect((await site.backout('unblock', '--reason', 'x')).text).toContain('no version is blocked');
	});

	test('is known by its image where only images are deployed', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ noGit: true });
		const name = `${site.token}:live`;
		const build = (version: string) => {
			site.write({ 'build/Dockerfile': dockerfile(version), 'build/app.sh': serves });
			return site.docker('build', '-q', '-t', name, 'build');
		};
		site.write({
			'compose.yaml': `services:\n  web: { image: "${name}", pull_policy: never, restart: always, stop_grace_period: 1s }\n`,
		});
		const first = (await build('1')).trim();
		await site.docker('tag', first, `${site.token}:1`);
		await site.compose('up', '-d');
		const second = (await build('2')).trim();
		await site.docker('tag', second, `${site.token}:2`);
		await site.compose('up', '-d');
		const back = await site.backout('run', 'rollback-image', '--input', `image=${first}`, '--yes', '--reason', 'bad');
		expect(back.code, back.text).toBe(0);
		// The rollback has put the tag of version 1 into the Compose file; somebody moves that, as a push to a registry and a pull do.
		await site.docker('tag', second, `${site.token}:1`);
		await site.compose('up', '-d');
		expect(await status(site)).toMatch(again);
		// Nothing tells which image a command deploys, so it is judged afterwards.
		const left = await locked(site, 'true');
		expect(left.text).toMatch(/the command has left a blocked version deployed: image sha256:/);
		expect(left.code, left.text).not.toBe(0);
	});

	test('is not the one that an undo has replaced, where the times of the images do not tell them apart', {
		tags: ['long'],
	}, async ({ openSite }) => {
		const site = await openSite({ noGit: true });
		const deploy = async (version: string): Promise<string> => {
			const image = `${site.token}:${version}`;
			site.write({
				...files(version),
				'compose.yaml': `services:\n  web: { build: ., image: "${image}", stop_grace_period: 1s }\n`,
			});
			await site.deploy();
			return site.docker('image', 'inspect', '--format', '{{.Id}} {{.Created}}', image);
		};
		const [first, firstMade] = (await deploy('1')).split(' ');
		const [, secondMade] = (await deploy('2')).split(' ');
		// They differ in a label only, and share the layer that was made last.
		expect(firstMade).toBe(secondMade);
		const back = await site.backout('run', 'rollback-image', '--input', `image=${first}`, '--yes', '--reason', 'bad');
		expect(back.code, back.text).toBe(0);
		const undone = await site.backout('undo', 'last', '--yes', '--reason', 'it was good');
		expect(undone.code, undone.text).toBe(0);
		expect((await site.backout('unblock', '--reason', 'x')).text).toContain('no version is blocked');
	});
});
