import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serving } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const web = (more: string) => () => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, ${more} }\n`,
});

describe.skipIf(withoutEngine)('a variable that nothing sets any more is not lost in silence', () => {
	test('where its env file is gone and may be missing', async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'production.env\n', 'production.env': 'DB_URL=postgres://production\n' });
		const first = await twoVersions(site, web('env_file: [{ path: production.env, required: false }]'));
		await site.deploy();
		await site.sh('rm production.env');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, () => ['it was made without DB_URL']);
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('refused');
		expect(judged.text).toContain('variable DB_URL of web would be gone: nothing sets it any more');
		expect(judged.text).toContain('--allow web:environment:DB_URL');
	});

	test('where only the login that deployed had it; allowed by name it is, and undo brings it back', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, web('environment: [DB_URL]'));
		await site.sh('DB_URL=postgres://production docker compose up -d --build');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['it was made without DB_URL']);
		expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
		const allowed = await judgeRun(site, [...run, '--allow', 'web:environment:DB_URL'], (now) =>
			now.containers.flatMap(({ version, env }) =>
				version === '1' && !env.join().includes('DB_URL=') ? [] : [env.join()],
			),
		);
		expect(allowed.findings, allowed.text).toEqual([]);
		expect([allowed.outcome, allowed.undo], allowed.text).toEqual(['verified', 'verified']);
		expect(runs({ web: '2' })(allowed.before, allowed.before)).toEqual([]);
	});
});

describe.skipIf(withoutEngine)(
	'a value that the Compose files have by default, and the login that deployed had otherwise,',
	() => {
		/** Two versions of web, beside an image that only has tags; gives the first. */
		const beside = async (site: Site, api: string): Promise<string> => {
			const image = (tag: string) =>
				`printf '%s' "$1" | sed "s/VERSION/api-${tag}/" | docker build -q -t ${site.token}/api:${tag} -`;
			const text = `FROM ${baseImage}\nLABEL test.version=VERSION\nCMD ["sleep", "600"]\n`;
			await site.sh(`set -- '${text}'; ${image('1.0')} && ${image('2.0')}`);
			return twoVersions(site, () => ({
				'app.env': 'URL=http://${SITE:-localhost}/\n',
				'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  api: { stop_grace_period: 2s, ${api} }\n`,
			}));
		};

		test('is not lost in silence, and stays where .env has it then', { tags: 'long' }, async ({ openSite }) => {
			const site = await openSite();
			const first = await beside(
				site,
				`restart: always, image: "${site.token}/api:\${TAG:-1.0}", environment: { LEVEL: "\${LEVEL:-debug}", SAFE: "\${SAFE:-true}" }, labels: { route: "\${DOMAIN:-localhost}" }`,
			);
			await site.sh('TAG=2.0 LEVEL=error DOMAIN=shop.example docker compose up -d --build');
			const run = ['rollback-commit', '--input', `commit=${first}`];
			const refused = await judgeRun(site, run, () => ['it was made of defaults']);
			expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
			expect(refused.text).toContain(
				`image ${site.token}/api:2.0 would become ${site.token}/api:1.0 in api: the files take TAG from`,
			);
			expect(refused.text).toContain('--allow api:image --allow api:environment:LEVEL --allow api:label:route');
			expect(refused.text).not.toContain('SAFE');
			site.write({ '.env': 'TAG=2.0\nLEVEL=error\nDOMAIN=shop.example\n' });
			const judged = await judgeRun(site, run, runs({ web: '1', api: 'api-2.0' }));
			expect(judged.findings, judged.text).toEqual([]);
			expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		});

		test('is not lost in silence: a folder of its home, and a policy', { tags: 'long' }, async ({ openSite }) => {
			const site = await openSite();
			await site.sh('mkdir -p ../ana/data ../root/data');
			const first = await beside(
				site,
				`image: "${baseImage}", ${serving}, volumes: ["~/data:/data"], env_file: app.env`.replace(
					'image',
					'restart: "${RESTART:-no}", image',
				),
			);
			site.env.HOME = `${site.folder}/ana`;
			await site.sh('RESTART=always SITE=shop.example docker compose up -d --build');
			site.env.HOME = `${site.folder}/root`;
			const run = ['rollback-commit', '--input', `commit=${first}`];
			const refused = await judgeRun(site, run, () => ['it was made for another login']);
			expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
			expect(refused.text).toContain('the files take HOME from the login');
			expect(refused.text).toContain('restart policy always would become no in api: the files take RESTART from');
			expect(refused.text).toContain('--allow api:mount:/data --allow api:environment:URL --allow api:restart');
		});

		test('is not lost in silence in a config and a secret; where Compose then fails, the undo leaves them', {
			tags: 'long',
		}, async ({ openSite }) => {
			const site = await openSite();
			const first = await twoVersions(site, () => ({
				'compose.yaml':
					'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, configs: [site], secrets: [key] }\nconfigs: { site: { content: "level=${LEVEL:-debug}" } }\nsecrets: { key: { environment: SHOP_KEY } }\n',
			}));
			await site.sh('LEVEL=error SHOP_KEY=abc docker compose up -d --build');
			const texts = () => site.docker('exec', `${site.token}-web-1`, 'cat', '/site', '/run/secrets/key');
			const run = ['rollback-commit', '--input', `commit=${first}`];
			const refused = await judgeRun(site, run, () => ['it was made of defaults']);
			expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
			expect(refused.text).toContain('--allow web:text:site --allow web:text:key');
			const allow = ['--allow', 'web:text:site', '--allow', 'web:text:key'];
			const judged = await judgeRun(site, [...run, ...allow], () => ['Compose started it without the secret']);
			expect(judged.findings, judged.text).toEqual([]);
			expect([judged.outcome, judged.undo], judged.text).toEqual(['not verified', 'verified']);
			expect(await texts(), judged.text).toBe('level=errorabc');
		});
	},
);

describe.skipIf(withoutEngine)('a folder that is the one in which its owner was', () => {
	const files = () => ({
		'compose.yaml':
			'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["${PWD}:/repository:ro"] }\n',
	});
	/** Has Docker's own client called: that of the tests is a shell script, and a shell gives PWD a value of its own. */
	const ownClient = async (site: Site): Promise<void> => {
		const bin = `${site.folder}/bin`;
		await site.sh(`mkdir ${bin} && script=$(command -v docker) && [ "$(head -c 2 "$script")" != '#!' ] ||
			ln -s "$(sed -n 's/^exec \\(.*\\) "$@"/\\1/p' "$script")" ${bin}/docker`);
		site.env.PATH = `${bin}:${site.env.PATH}`;
	};

	test('is not exchanged in silence for the one of the Compose file', async ({ openSite }) => {
		const site = await openSite({ within: () => 'deploy' });
		await ownClient(site);
		const first = await twoVersions(site, files);
		await site.sh('cd .. && docker compose -f deploy/compose.yaml up -d --build');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, () => ['it has another folder']);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'refused']);
		expect(judged.text).toContain('the files take PWD from the login');
		expect(judged.text).toContain('--allow web:mount:/repository');
	});

	test('is the same one where a link leads to it', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await ownClient(site);
		const first = await twoVersions(site, files);
		await site.sh(
			`mkdir ../current && ln -s "$(pwd -P)" ../current/ && cd ../current/${site.token} && docker compose up -d --build`,
		);
		const mounts = '{{range .Mounts}}{{.Source}}{{end}}';
		expect(await site.docker('inspect', '--format', mounts, `${site.token}-web-1`)).toContain('/current/');
		const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
		expect(code, text).toBe(0);
		expect(text).not.toContain('PWD');
	});
});
