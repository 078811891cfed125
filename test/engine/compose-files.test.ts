import { describe, expect } from 'vitest';
import { plainProject } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { SiteOptions } from './harness/site.ts';

interface Case {
	readonly options: SiteOptions;
	/** Files of every version. */
	readonly files: Readonly<Record<string, string>>;
	/** Files that this host has and git does not keep. */
	readonly here?: Readonly<Record<string, string>>;
	readonly gitignore?: string;
	/** Services besides `web` that run, with the version of their image. */
	readonly others?: Readonly<Record<string, string>>;
}

const production =
	'services:\n  web: { environment: { MODE: production }, restart: always, volumes: ["data:/data"] }\nvolumes: { data: {} }\n';
const web = 'services:\n  web: { build: ., stop_grace_period: 2s }\n';
const withPassword =
	'services:\n  web: { build: ., restart: "${POLICY:-no}", stop_grace_period: 2s, environment: { PASSWORD: "${PASSWORD}" } }\n';

/** The ways of starting a deployment, besides a plain `docker compose up`. */
const cases: Record<string, Case> = {
	'two files given by -f': {
		options: { args: ['-f', 'compose.yaml', '-f', 'compose.prod.yaml'] },
		files: { 'compose.yaml': web, 'compose.prod.yaml': production },
	},
	'a file of another name given by -f': {
		options: { args: ['-f', 'stack.yml'] },
		files: { 'compose.yaml': 'services: { web: { image: wrong } }\n', 'stack.yml': web },
	},
	'a file in a subfolder given by -f': {
		options: { args: ['-f', 'compose.yaml', '-f', 'deploy/prod.yaml'] },
		files: { 'compose.yaml': web, 'deploy/prod.yaml': production },
	},
	'an env file given by --env-file': {
		options: { args: ['--env-file', '.env.production'] },
		files: { 'compose.yaml': withPassword },
		here: { '.env.production': 'PASSWORD=hunter2\nPOLICY=always\n' },
		gitignore: '.env*\n',
	},
	'an env file given by --env-file, beside an .env that is not used': {
		options: { args: ['--env-file', 'live.env'] },
		files: { 'compose.yaml': withPassword, 'live.env': 'PASSWORD=live\nPOLICY=always\n', '.env': 'PASSWORD=local\n' },
	},
	'a profile': {
		options: { args: ['--profile', 'mail'] },
		files: {
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  mail: { build: ., restart: always, stop_grace_period: 2s, profiles: [mail] }\n',
		},
		others: { mail: '1' },
	},
	'COMPOSE_FILE in an .env that git ignores, with a file that only this host has': {
		options: {},
		files: { 'compose.yaml': web },
		here: { '.env': 'COMPOSE_FILE=compose.yaml:compose.local.yaml\n', 'compose.local.yaml': production },
		gitignore: '.env\ncompose.local.yaml\n',
	},
	'an override file that git ignores': {
		options: {},
		files: { 'compose.yaml': web },
		here: { 'compose.override.yaml': production },
		gitignore: 'compose.override.yaml\n',
	},
	'an env_file that git ignores': {
		options: {},
		files: {
			'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, env_file: .env.web }\n',
		},
		here: { '.env.web': 'SECRET_KEY_BASE=abc\n' },
		gitignore: '.env*\n',
	},
	'a file that extends one outside of its folder': {
		options: { within: (token) => `deploy-${token}` },
		files: {
			'compose.yaml':
				'services:\n  web:\n    extends: { file: ../common/base.yaml, service: base }\n    build: .\n    stop_grace_period: 2s\n',
			'../common/base.yaml': 'services:\n  base: { restart: always, environment: { FROM: base } }\n',
		},
	},
};

/** Cases that differ little from another one. */
const longer = [
	'a file of another name given by -f',
	'a file in a subfolder given by -f',
	'an env file given by --env-file',
	'an env file given by --env-file, beside an .env that is not used',
	'COMPOSE_FILE in an .env that git ignores, with a file that only this host has',
	'an override file that git ignores',
	'a profile',
	'an env_file that git ignores',
	'a file that extends one outside of its folder',
];

describe.skipIf(withoutEngine)('a rollback keeps what a deployment was started with', () => {
	const isKept = async (name: string, { openSite }: WithSite): Promise<void> => {
		const { options, files, here = {}, gitignore, others = {} } = cases[name] as Case;
		const site = await openSite(options);
		site.write({ ...here, ...(gitignore !== undefined && { '.gitignore': gitignore }) });
		const first = await twoVersions(site, () => files);
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			runs({ web: '1', ...others }),
		);
		expect(judged.findings, judged.text).toEqual([]);
		// Nothing is in its way.
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	};
	test.for(Object.keys(cases).filter((name) => !longer.includes(name)))('%s', isKept);
	test.for(longer)('%s', { tags: 'long' }, isKept);

	test('also where an image is gone back to', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ args: ['-f', 'compose.yaml', '-f', 'compose.prod.yaml'] });
		const files = { 'compose.yaml': web, 'compose.prod.yaml': production };
		await site.commit('version 1', { ...plainProject('1'), ...files });
		await site.deploy();
		await site.commit('version 2', { ...plainProject('2'), ...files });
		const old = (await site.containers())[0]?.image;
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-image', '--input', `image=${old}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('a variable that is empty for the older commit is not lost in silence', async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env\n', '.env': 'DB_PASSWORD=secret\n' });
		// The older commit calls it by another name, which .env does not have any more.
		const first = await twoVersions(site, (version) => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, environment: { PASSWORD: "\${${version === '1' ? 'POSTGRES_PASSWORD' : 'DB_PASSWORD'}}" } }\n`,
		}));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], (now) =>
			now.containers.filter(({ env }) => env.includes('PASSWORD=')).map(() => 'web runs with an empty password'),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('a network that somebody has connected by hand is not lost in silence', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const proxy = `${site.token}-proxy`;
		await site.docker('network', 'create', proxy);
		await site.docker('network', 'connect', proxy, `${site.token}-web-1`);
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['it was recreated without it']);
		expect(refused.findings, refused.text).toEqual([]);
		expect([refused.outcome, refused.text]).toEqual([
			'refused',
			expect.stringContaining(`--allow web:network:${proxy}`),
		]);
		const judged = await judgeRun(site, [...run, '--allow', `web:network:${proxy}`], ({ containers }) =>
			containers.filter(({ version }) => version !== '1').map(({ service }) => `${service} is not version 1`),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('a Compose file that cannot be read is refused, and nothing is called well', async ({ openSite }) => {
		const site = await openSite({ args: ['--env-file', '.env.production'] });
		const first = await twoVersions(site, () => ({
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, environment: { P: "${PASSWORD:?is required}" } }\n',
		}));
		site.write({ '.env.production': 'PASSWORD=x\n' });
		await site.deploy();
		// The file that it was started with is gone.
		await site.git('clean', '-fdq');
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'it cannot be verified',
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect((await site.backout('verify')).code).not.toBe(0);
	});
});
