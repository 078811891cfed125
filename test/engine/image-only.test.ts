import { describe, expect } from 'vitest';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

/** Builds an image as a pipeline does, elsewhere, and gives its id. */
const publish = async (site: Site, name: string, version: string): Promise<string> => {
	const text = dockerfile(version);
	site.write({ '../ci/Dockerfile': text, '../ci/app.sh': serves });
	await site.docker('build', '-q', '-t', name, '../ci');
	return site.docker('image', 'inspect', '--format', '{{.Id}}', name);
};

/** Deploys both commits, each after another version was published under the one moving name, and rolls back to the first. */
const isUnproven = async (
	site: Site,
	image: string,
	service: string,
	commits: readonly [Record<string, string>, Record<string, string>],
): Promise<void> => {
	await publish(site, image, '1');
	const first = await site.commit('one', commits[0]);
	await site.deploy();
	await publish(site, image, '2');
	await site.commit('two', commits[1]);
	await site.deploy();
	const run = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
	expect(run.text).toMatch(
		new RegExp(`verification is unknown: Version: .*nothing proves that the image of ${service} was built from it`),
	);
	expect(run.code, run.text).toBe(5);
};

const using = (image: string, more = '') => ({
	'compose.yaml': `services:\n  web: { image: "${image}", restart: always, stop_grace_period: 2s }\n${more}`,
});

describe.skipIf(withoutEngine)('a service without a build', () => {
	test('whose commit names the same moving tag is not called rolled back', async ({ openSite }) => {
		const site = await openSite();
		const image = `${site.token}/shop:latest`;
		await publish(site, image, '1');
		const first = await site.commit('one', using(image));
		await site.deploy();
		await publish(site, image, '2');
		await site.commit('two', { 'README.md': 'two\n' });
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		const choices = (await site.backout('inputs', 'rollback-commit')).text;
		expect(choices.split('\n').filter((line) => line.includes(first.slice(0, 7)) && /known good/i.test(line))).toEqual(
			[],
		);
	});

	test('whose commit names the same moving tag is not called rolled back when it is made anew, either', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const image = `${site.token}/shop:latest`;
		const built = '  worker: { build: ., restart: always, stop_grace_period: 2s }\n';
		const at = (mode: string) => ({
			'compose.yaml': using(image, built)['compose.yaml'].replace(
				'restart: always',
				`restart: always, environment: { MODE: ${mode} }`,
			),
			Dockerfile: dockerfile(mode),
			'app.sh': serves,
		});
		await isUnproven(site, image, 'web', [at('old'), at('new')]);
	});

	test('that is a job and ran whatever the moving tag meant is not called rolled back', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const image = `${site.token}/shop:latest`;
		const at = (version: string) => ({
			'compose.yaml': `services:
  web: { build: ., restart: always, stop_grace_period: 2s, depends_on: { migrate: { condition: service_completed_successfully } } }
  migrate: { image: "${image}", command: ["true"], environment: { SCHEMA: "${version}" } }
`,
			Dockerfile: dockerfile(version),
			'app.sh': serves,
		});
		await isUnproven(site, image, 'migrate', [at('1'), at('2')]);
	});

	test('whose commit names another tag goes back to that image', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		for (const version of ['1', '2']) {
			await publish(site, `${site.token}/shop:${version}`, version);
		}
		const first = await site.commit('one', using(`${site.token}/shop:1`));
		await site.commit('two', using(`${site.token}/shop:2`));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('whose older image is not on the host any more leaves what runs alone', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		for (const version of ['1', '2']) {
			await publish(site, `${site.token}/shop:${version}`, version);
		}
		const first = await site.commit('one', using(`${site.token}/shop:1`));
		await site.commit('two', using(`${site.token}/shop:2`));
		await site.deploy();
		await site.docker('rmi', `${site.token}/shop:1`);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).not.toBe('verified');
		expect((await site.containers()).map(({ service, version, state }) => `${service} ${version} ${state}`)).toEqual([
			'web 2 up',
		]);
	});

	test('beside one that is built goes back with it where the commit names another image', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		for (const version of ['1', '2']) {
			await publish(site, `${site.token}/front:${version}`, version);
		}
		const at = (version: string) => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  front: { image: "${site.token}/front:${version}", restart: always, stop_grace_period: 2s }\n`,
			Dockerfile: dockerfile(version),
			'app.sh': serves,
		});
		const first = await site.commit('one', at('1'));
		await site.commit('two', at('2'));
		await site.deploy();
		const judged = await judgeRun(
			site,
			['failed-deployment', '--input', `commit=${first}`],
			runs({ web: '1', front: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('whose version is a tag in .env never has an older image under the newer name', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite({ noGit: true });
		const name = `${site.token}/shop/web`;
		const ids: Record<string, string> = {};
		for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
			ids[version] = await publish(site, `${name}:${version}`, version);
		}
		site.write({
			'compose.yaml': `services:\n  web: { image: "${name}:\${TAG:?}", restart: always, stop_grace_period: 2s }\n  worker: { image: "${name}:\${TAG}", ${serving}, restart: always, stop_grace_period: 2s }\n`,
			'.env': 'TAG=1.2.0\n',
		});
		await site.compose('up', '-d');
		const judged = await judgeRun(site, ['rollback-image', '--input', `image=${ids['1.1.0']}`], (now) => [
			...now.containers
				.filter(({ version }) => version !== '1.1.0')
				.map((item) => `${item.service} runs ${item.version}`),
			...Object.entries(ids)
				.filter(([version, id]) => now.images[`${name}:${version}`] !== id)
				.map(([version]) => `the name ${version} is another image now`),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		for (const [version, id] of Object.entries(ids)) {
			expect(judged.after.images[`${name}:${version}`], `the name ${version}`).toBe(id);
		}
	});
});
