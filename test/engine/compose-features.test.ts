import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { all, doesNotRun, judgeRun, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

interface Feature {
	/** The files of a version: those of 1 are what is gone back to, those of 2 are deployed last. */
	readonly files: (version: string, site: Site) => Readonly<Record<string, string>>;
	/** What is there before the first deployment: networks, files that git ignores. */
	readonly before?: (site: Site) => Promise<unknown>;
	/** What the owner does after the last deployment. */
	readonly byHand?: (site: Site) => Promise<unknown>;
	/** The services and their versions after the rollback. */
	readonly wanted: Readonly<Record<string, string>>;
	readonly counts?: Readonly<Record<string, number>>;
	readonly also?: (site: Site) => Wanted;
	/** What has to be there again after the undo. */
	readonly afterUndo?: (site: Site) => Wanted;
	readonly allow?: readonly string[];
	readonly args?: readonly string[];
}

const policy = 'restart: always, stop_grace_period: 2s';
const plain = { Dockerfile: dockerfile('1'), 'app.sh': serves };
const at = (version: string) => ({ ...plain, Dockerfile: dockerfile(version) });

/** Wants each service to run these versions, in so many containers: one, unless it is said. */
const runs =
	(versions: Readonly<Record<string, string>>, counts: Readonly<Record<string, number>> = {}): Wanted =>
	({ containers }) =>
		Object.entries(versions).flatMap(([service, version]) => {
			const up = containers.filter((item) => item.service === service && item.state === 'up');
			return [
				...(up.length === (counts[service] ?? 1) ? [] : [`${up.length} containers of ${service} run`]),
				...up.filter((item) => item.version !== version).map((item) => `${service} runs version ${item.version}`),
			];
		});

/** Wants a file in the containers of a service to hold this. */
const holds =
	(service: string, file: string, text: string, { docker, token }: Site): Wanted =>
	async () => {
		const found = await docker('exec', `${token}-${service}-1`, 'cat', file).catch(String);
		return found === text ? [] : [`${file} of ${service} holds ${found}, not ${text}`];
	};

/** Wants a service to have this variable. */
const has =
	(service: string, variable: string): Wanted =>
	({ containers }) =>
		containers
			.filter((item) => item.service === service && !item.env.includes(variable))
			.map((item) => `${service} does not have ${variable}: ${item.env.join(' ')}`);

const features: Readonly<Record<string, Feature>> = {
	'names with _ between, as those of Compose 1 (COMPOSE_COMPATIBILITY)': {
		before: async (site) => site.write({ '.env': 'COMPOSE_COMPATIBILITY=true\n' }),
		files: (version) => ({
			...at(version),
			'.gitignore': '.env\n',
			'compose.yaml': `services:\n  web: { build: ., ${policy}, scale: 2 }\n  api: { build: ., ${policy}, depends_on: [web] }\n`,
		}),
		wanted: { web: '1', api: '1' },
		counts: { web: 2 },
	},
	'a file that is included, in a folder of its own': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `include: [parts/api.yaml]\nservices:\n  web: { build: ., ${policy} }\n`,
			'parts/api.yaml': `services:\n  api: { build: ., ${policy}, environment: { MODE: "${version}" }, volumes: ["./conf:/conf:ro"] }\n`,
			'parts/Dockerfile': dockerfile(version),
			'parts/app.sh': serves,
			'parts/conf/a.conf': `${version}\n`,
		}),
		wanted: { web: '1', api: '1' },
		also: () => has('api', 'MODE=1'),
	},
	'a file that is included by the newer commit alone': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `${version === '2' ? 'include: [parts/api.yaml]\n' : ''}services:\n  web: { build: ., ${policy} }\n`,
			'parts/api.yaml': `services:\n  api: { image: "${baseImage}", ${policy}, ${serving} }\n`,
		}),
		wanted: { web: '1' },
		also: () => doesNotRun('api'),
	},
	'a service that extends one of another file': {
		files: (version) => ({
			...at(version),
			'common.yaml': `services:\n  base: { build: ., ${policy}, environment: { MODE: "${version}" } }\n`,
			'compose.yaml':
				'services:\n  web: { extends: { file: common.yaml, service: base } }\n  api: { extends: { file: common.yaml, service: base }, environment: { ROLE: api } }\n',
		}),
		wanted: { web: '1', api: '1' },
		also: () => all(has('api', 'MODE=1'), has('api', 'ROLE=api'), has('web', 'MODE=1')),
	},
	'profiles that .env chooses': {
		before: async (site) => site.write({ '.env': 'COMPOSE_PROFILES=extra\n' }),
		files: (version) => ({
			...at(version),
			'.gitignore': '.env\n',
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  extra: { build: ., ${policy}, profiles: [extra] }\n  never: { build: ., ${policy}, profiles: [other] }\n`,
		}),
		wanted: { web: '1', extra: '1' },
		also: () => doesNotRun('never'),
	},
	'profiles that .env chooses, and one that was started beside them': {
		before: async (site) => site.write({ '.env': 'COMPOSE_PROFILES=extra\n' }),
		files: (version) => ({
			...at(version),
			'.gitignore': '.env\n',
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  extra: { build: ., ${policy}, profiles: [extra] }\n  tool: { image: "${baseImage}", ${policy}, ${serving}, profiles: [tools] }\n`,
		}),
		byHand: ({ compose }) => compose('--profile', 'tools', 'up', '-d', 'tool'),
		wanted: { web: '1', extra: '1' },
	},
	'a folder of the repository as a volume, in a service that is not built': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  api: { image: "${baseImage}", ${policy}, command: ["sh", "-c", 'cat /conf/a.conf >/tmp/read; trap "exit 0" TERM; while :; do sleep 600 & wait $$!; done'], volumes: ["conf:/conf"] }\nvolumes: { conf: { driver_opts: { type: none, o: bind, device: "\${PWD}/conf" } } }\n`,
			'conf/a.conf': version,
		}),
		wanted: { web: '1' },
		also: (site) => holds('api', '/tmp/read', '1', site),
		afterUndo: (site) => holds('api', '/tmp/read', '2', site),
	},
	'files that .env chooses': {
		before: async (site) => site.write({ '.env': 'COMPOSE_FILE=base.yaml:more.yaml\n' }),
		files: (version) => ({
			...at(version),
			'.gitignore': '.env\n',
			'base.yaml': `services:\n  web: { build: ., ${policy}, environment: { MODE: base } }\n`,
			'more.yaml': `services:\n  web: { environment: { MODE: "more-${version}" } }\n  api: { build: ., ${policy} }\n`,
		}),
		wanted: { web: '1', api: '1' },
		also: () => has('web', 'MODE=more-1'),
	},
	'a name of its own, links, and the volumes of another': {
		files: (version, { token }) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy}, container_name: ${token}-shop, volumes: ["data:/data"] }\n  side: { image: "${baseImage}", ${policy}, ${serving}, volumes_from: [web], links: ["web:shop"] }\nvolumes: { data: {} }\n`,
		}),
		wanted: { web: '1' },
		also:
			() =>
			({ containers }) =>
				containers
					.filter(({ service, mounts }) => service === 'side' && !mounts.some((mount) => mount.includes('/data')))
					.map(() => 'side has lost the volume of web'),
	},
	'a network and a volume that somebody else made': {
		before: async ({ docker, token }) => {
			await docker('network', 'create', `${token}-outer`);
			await docker('volume', 'create', `${token}-outer`);
		},
		files: (version, { token }) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy}, networks: [outer], volumes: ["outer:/data"] }\nnetworks: { outer: { external: true, name: ${token}-outer } }\nvolumes: { outer: { external: true, name: ${token}-outer } }\n`,
		}),
		wanted: { web: '1' },
	},
	'a Dockerfile within the Compose file, with a context beside its own': {
		files: (version) => ({
			'compose.yaml': `services:\n  web:\n    build:\n      context: app\n      dockerfile_inline: |\n        FROM ${baseImage}\n        LABEL test.version=${version}\n        COPY app.sh /app.sh\n        CMD ["sh", "/app.sh"]\n    restart: always\n    stop_grace_period: 2s\n`,
			'app/app.sh': serves,
		}),
		wanted: { web: '1' },
	},
	'a number of containers by `scale`': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  worker: { build: ., ${policy}, scale: ${version === '1' ? 2 : 3} }\n`,
		}),
		wanted: { web: '1', worker: '1' },
		counts: { worker: 2 },
		allow: ['worker:replicas:2'],
	},
	'a second file that replaces what the first has': {
		args: ['-f', 'compose.yaml', '-f', 'second.yaml'],
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy}, environment: { A: "${version}", B: first } }\n`,
			'second.yaml': `services:\n  web: { environment: !override { C: "${version}" } }\n`,
		}),
		wanted: { web: '1' },
		also: () => has('web', 'C=1'),
	},
	'a Compose file that is a link': {
		before: async (site) => site.sh('mkdir -p deploy && ln -s deploy/site.yaml compose.yaml'),
		files: (version) => ({
			...at(version),
			'deploy/site.yaml': `services:\n  web: { build: ., ${policy}, environment: { MODE: "${version}" } }\n`,
		}),
		wanted: { web: '1' },
		also: () => has('web', 'MODE=1'),
	},
	'a config and a secret of a service that is not built': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  api: { image: "${baseImage}", ${policy}, ${serving}, configs: [site], secrets: [key] }\nconfigs: { site: { file: ./site.conf } }\nsecrets: { key: { file: ./key.txt } }\n`,
			'site.conf': `${version}\n`,
			'key.txt': `${version}\n`,
		}),
		wanted: { web: '1' },
		also: (site) => all(holds('api', '/site', '1', site), holds('api', '/run/secrets/key', '1', site)),
		afterUndo: (site) => all(holds('api', '/site', '2', site), holds('api', '/run/secrets/key', '2', site)),
	},
	'a file that is mounted into a service that is not built': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy} }\n  api: { image: "${baseImage}", ${policy}, ${serving}, volumes: ["./a.conf:/a.conf:ro", "./conf:/conf"] }\n`,
			'a.conf': `${version}\n`,
			'conf/b.conf': `${version}\n`,
		}),
		wanted: { web: '1' },
		also: (site) => all(holds('api', '/a.conf', '1', site), holds('api', '/conf/b.conf', '1', site)),
		afterUndo: (site) => all(holds('api', '/a.conf', '2', site), holds('api', '/conf/b.conf', '2', site)),
	},
	'a config and a secret from files': {
		files: (version) => ({
			...at(version),
			'compose.yaml': `services:\n  web: { build: ., ${policy}, configs: [site], secrets: [key] }\nconfigs: { site: { file: ./site.conf } }\nsecrets: { key: { file: ./key.txt } }\n`,
			'site.conf': `${version}\n`,
			'key.txt': `${version}\n`,
		}),
		wanted: { web: '1' },
	},
};

describe.skipIf(withoutEngine)('a project that uses', () => {
	const goesBack = async (name: string, { openSite }: WithSite): Promise<void> => {
		const {
			files,
			before,
			byHand,
			wanted,
			counts,
			also = () => () => [],
			afterUndo,
			allow = [],
			args,
		} = features[name] as Feature;
		const site = await openSite(args === undefined ? {} : { args });
		await before?.(site);
		const first = await site.commit('version 1', files('1', site));
		await site.deploy();
		await site.commit('version 2', files('2', site));
		await site.deploy();
		await byHand?.(site);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`, ...allow.flatMap((one) => ['--allow', one])],
			all(runs(wanted, counts), also(site)),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(await (afterUndo?.(site) ?? (() => []))(judged.after, judged.before), judged.text).toEqual([]);
	};
	test.for(Object.keys(features))('%s is brought back, and comes again', { tags: 'long' }, goesBack);
});
