import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { all, judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const policy = 'restart: always, stop_grace_period: 2s';

interface Reads {
	/** The rest of the line of the service `api`, which is not built, and what follows the services. */
	readonly api: string;
	readonly resources?: string;
	/** The file of `api` that holds the version. */
	readonly path: string;
	readonly files?: (version: string) => Readonly<Record<string, string>>;
	/** Before the commit of a version. */
	readonly before?: (version: string, site: Site) => Promise<unknown>;
}

const submodule = async (version: string, { git, write, folder, env }: Site): Promise<void> => {
	const library = `${folder}/library`;
	const allowed = ['-c', 'protocol.file.allow=always'];
	write({ '../library/lib.txt': version });
	if (version === '1') {
		await must('git', ['init', '-q', '-b', 'main', library], { cwd: folder, env });
	}
	await must('git', ['-C', library, 'add', '-A'], { cwd: folder, env });
	await must('git', ['-C', library, 'commit', '-q', '-m', version], { cwd: folder, env });
	await (version === '1'
		? git(...allowed, 'submodule', 'add', '-q', library, 'lib')
		: git('-C', 'lib', ...allowed, 'pull', '-q'));
};

const reads: Readonly<Record<string, Reads>> = {
	'a file through a link': {
		api: 'volumes: ["./current.conf:/site.conf:ro"]',
		path: '/site.conf',
		files: (version) => ({ 'versions/site.conf': version }),
		before: (version, site) => (version === '1' ? site.sh('ln -s versions/site.conf current.conf') : site.sh('true')),
	},
	'a file through a link to a folder of the version': {
		api: 'volumes: ["./current/site.conf:/site.conf:ro"]',
		path: '/site.conf',
		files: () => ({ 'versions/1/site.conf': '1', 'versions/2/site.conf': '2' }),
		before: (version, site) => site.sh(`ln -sfn versions/${version} current`),
	},
	'a file of a submodule': { api: 'volumes: ["./lib/lib.txt:/site.conf:ro"]', path: '/site.conf', before: submodule },
	'a config whose text is in the Compose file': {
		api: 'configs: [site]',
		resources: 'configs: { site: { content: "VERSION" } }\n',
		path: '/site',
	},
	'a config that is another file': {
		api: 'configs: [site]',
		resources: 'configs: { site: { file: ./versions/VERSION } }\n',
		path: '/site',
		files: () => ({ 'versions/1': '1', 'versions/2': '2' }),
	},
	'a secret from a variable of .env': {
		api: 'secrets: [key]',
		resources: 'secrets: { key: { environment: KEY } }\n',
		path: '/run/secrets/key',
		files: (version) => ({ '.env': `KEY=${version}\n` }),
	},
};

/** Wants a file in the container of `api` to hold this. */
const holds =
	({ docker, token }: Site, path: string, text: string): Wanted =>
	async () => {
		const found = await docker('exec', `${token}-api-1`, 'cat', path).catch(String);
		return found === text ? [] : [`${path} of api holds ${found}, not ${text}`];
	};

describe.skipIf(withoutEngine)('a service that is not built, and reads', () => {
	const goesBack = async (name: string, { openSite }: WithSite): Promise<void> => {
		const { api, resources = '', path, files = () => ({}), before } = reads[name] as Reads;
		const site = await openSite();
		const commit = async (version: string) => {
			await before?.(version, site);
			return site.commit(version, {
				Dockerfile: dockerfile(version),
				'app.sh': serves,
				'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  api: { image: "${baseImage}", ${policy}, ${serving}, ${api} }\n${resources.replace('VERSION', version)}`,
				...files(version),
			});
		};
		const first = await commit('1');
		await commit('2');
		await site.deploy();
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, all(runs({ web: '1' }), holds(site, path, '1')));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(await holds(site, path, '2')(judged.before, judged.before), judged.text).toEqual([]);
	};
	const title = '%s: it has what the older commit has, and after the undo what it had';
	test.for(Object.keys(reads))(title, { tags: 'long' }, goesBack);
});
