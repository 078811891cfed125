import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import type { ContainerFacts } from './harness/facts.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, type Wanted } from './harness/judge.ts';

const policy = 'restart: always, stop_grace_period: 2s';
const web = (more = '') => `  web: { build: ., ${policy}${more} }\n`;
const extra = `  extra: { image: "${baseImage}", ${policy}, ${serving} }\n`;
const kept = extra.replace('{', '{ volumes: ["data:/data"],');
const file = (services: string, more = '') => `${more}services:\n${services}`;

/** What the two commits have, beside the program. An empty text: the file is not there. */
interface Change {
	readonly older: Readonly<Record<string, string>>;
	readonly newer: Readonly<Record<string, string>>;
	/** The services that run after the rollback. */
	readonly runs: readonly string[];
	readonly also?: (containers: readonly ContainerFacts[]) => readonly string[];
	readonly allow?: readonly string[];
	/** A part of the reason, where the rollback is to be refused. */
	readonly refused?: RegExp;
	/** A part of the plan. */
	readonly says?: RegExp;
}

const changes: Readonly<Record<string, Change>> = {
	'the name of the Compose file': {
		older: { 'docker-compose.yml': file(web() + extra), 'compose.yaml': '' },
		newer: { 'docker-compose.yml': '', 'compose.yaml': file(web() + extra) },
		runs: ['web', 'extra'],
	},
	'an override that the newer one added': {
		older: { 'compose.yaml': file(web()) },
		newer: { 'compose.yaml': file(web()), 'compose.override.yaml': file('  web: { environment: { MODE: new } }\n') },
		runs: ['web'],
		also: (all) => all.filter(({ env }) => env.includes('MODE=new')).map(() => 'web has the variable of the override'),
	},
	'an override that the newer one removed': {
		older: {
			'compose.yaml': file(web()),
			'compose.override.yaml': file(`  web: { environment: { MODE: old } }\n${extra}`),
		},
		newer: { 'compose.yaml': file(web()), 'compose.override.yaml': '' },
		runs: ['web', 'extra'],
		also: (all) =>
			all
				.filter(({ service, env }) => service === 'web' && !env.includes('MODE=old'))
				.map(() => 'web does not have the variable of the override'),
	},
	'which files .env names': {
		older: { '.env': 'COMPOSE_FILE=a.yaml\n', 'a.yaml': file(web()), 'b.yaml': '' },
		newer: { '.env': 'COMPOSE_FILE=a.yaml:b.yaml\n', 'a.yaml': file(web()), 'b.yaml': file(extra) },
		runs: ['web'],
	},
	'which profiles .env names': {
		older: { '.env': 'COMPOSE_PROFILES=\n', 'compose.yaml': file(web() + extra.replace('{', '{ profiles: [more],')) },
		newer: { '.env': 'COMPOSE_PROFILES=more\n' },
		runs: ['web'],
	},
	'the name of the project in .env': {
		older: { '.env': 'COMPOSE_PROJECT_NAME=TOKEN-old\n', 'compose.yaml': file(web()) },
		newer: { '.env': 'COMPOSE_PROJECT_NAME=TOKEN-new\n' },
		runs: ['web'],
		refused: /TOKEN-old/,
	},
	'the name of the project in the Compose file': {
		older: { 'compose.yaml': file(web(), 'name: TOKEN-old\n') },
		newer: { 'compose.yaml': file(web(), 'name: TOKEN-new\n') },
		runs: ['web'],
		refused: /TOKEN-old/,
	},
	'a volume by another name at the same place': {
		older: { 'compose.yaml': `${file(web(', volumes: ["data:/data"]'))}volumes: { data: {} }\n` },
		newer: { 'compose.yaml': `${file(web(', volumes: ["fresh:/data"]'))}volumes: { fresh: {} }\n` },
		runs: ['web'],
		allow: ['web:mount:/data'],
		says: /volume TOKEN_fresh would no longer be mounted at \/data of web/,
	},
	'the name of a volume, in a service that is not built': {
		older: { 'compose.yaml': `${file(web() + kept)}volumes: { data: { name: TOKEN-v1 } }\n` },
		newer: { 'compose.yaml': `${file(web() + kept)}volumes: { data: { name: TOKEN-v2 } }\n` },
		runs: ['extra', 'web'],
		allow: ['extra:mount:/data'],
		says: /volume TOKEN-v2 would no longer be mounted at \/data of extra: volume TOKEN-v1 would/,
		also: (all) =>
			all
				.filter(({ service, mounts }) => service === 'extra' && !mounts.join().includes('-v1 /data'))
				.map(({ mounts }) => `extra has ${mounts.join()}`),
	},
	'a folder of the host in place of a volume': {
		older: { 'compose.yaml': file(web(', volumes: ["./data:/data"]')) },
		newer: { 'compose.yaml': `${file(web(', volumes: ["data:/data"]'))}volumes: { data: {} }\n` },
		runs: ['web'],
		allow: ['web:mount:/data'],
		says: /volume TOKEN_data would no longer be mounted at \/data of web/,
	},
};

describe.skipIf(withoutEngine)('two commits that differ in', () => {
	const goesBack = async (name: string, { openSite }: WithSite): Promise<void> => {
		const { older, newer, runs, also = () => [], allow = [], refused, says } = changes[name] as Change;
		const site = await openSite();
		const text = (pattern: RegExp) => new RegExp(pattern.source.replaceAll('TOKEN', site.token));
		const commit = async (version: string, files: Readonly<Record<string, string>>) => {
			const gone = Object.keys(files).filter((path) => files[path] === '');
			await site.sh(`rm -f ${['-', ...gone].join(' ')}`);
			const kept = Object.entries(files).filter(([, content]) => content !== '');
			const named = Object.fromEntries(kept.map(([path, content]) => [path, content.replaceAll('TOKEN', site.token)]));
			return site.commit(version, { Dockerfile: dockerfile(version), 'app.sh': serves, ...named });
		};
		const first = await commit('1', older);
		await commit('2', newer);
		await site.deploy();
		const wanted: Wanted = ({ containers }) => {
			const up = containers.filter(({ state }) => state === 'up');
			const services = up.map(({ service }) => service).sort();
			return [
				...(JSON.stringify(services) === JSON.stringify([...runs].sort()) ? [] : [`${services.join(', ')} run`]),
				...up.filter(({ service, version }) => service === 'web' && version !== '1').map(() => 'web is not version 1'),
				...also(up),
			];
		};
		const run = ['rollback-commit', '--input', `commit=${first}`];
		if (says !== undefined) {
			const plan = await site.backout('plan', ...run);
			expect(plan.text).toMatch(text(says));
			expect(plan.code).toBe(4);
		}
		const judged = await judgeRun(site, [...run, ...allow.flatMap((one) => ['--allow', one])], wanted);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(
			refused === undefined ? ['verified', 'verified'] : ['refused', 'none'],
		);
		if (refused !== undefined) {
			expect(judged.text).toMatch(text(refused));
		}
	};
	const title = '%s: the older one is what runs afterwards';
	test.for(Object.keys(changes))(title, { tags: 'long' }, goesBack);
});

describe.skipIf(withoutEngine)('an .env that is put back', () => {
	test('is, where the Compose file names files above its folder', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ within: () => 'deploy' });
		await site.commit('one', {
			Dockerfile: dockerfile('1'),
			'app.sh': serves,
			'common.env': 'COMMON=yes\n',
			'deploy/compose.yaml': file(
				`  web: { build: .., ${policy}, env_file: ../common.env, environment: { VALUE: "$VALUE" } }\n`,
			),
			'deploy/.env': 'VALUE=bad\n',
			'deploy/.env.good': 'VALUE=good\n',
		});
		await site.deploy();
		const source = ['config-error', '--input', `source=env:${site.directory}/.env.good`];
		const judged = await judgeRun(site, source, ({ containers }) =>
			containers
				.filter(({ env }) => !env.includes('VALUE=good') || !env.includes('COMMON=yes'))
				.map(({ env }) => env.join(' ')),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('and names another project is refused', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const named = (name: string) => `COMPOSE_PROJECT_NAME=${site.token}-${name}\nVALUE=${name}\n`;
		await site.commit('one', {
			Dockerfile: dockerfile('1'),
			'app.sh': serves,
			'compose.yaml': file(web(', environment: { VALUE: "$VALUE" }')),
			'.env': named('now'),
			'.env.good': named('then'),
		});
		await site.deploy();
		const source = ['run', 'config-error', '--input', `source=env:${site.directory}/.env.good`, '--yes'];
		const refused = await site.backout(...source);
		expect([refused.code, refused.text]).toEqual([4, expect.stringContaining(`call the project ${site.token}-then`)]);
		site.write({ '.env.good': `${named('now')}VALUE=good\n` });
		const done = await site.backout(...source);
		expect(done.code, done.text).toBe(0);
	});
});
