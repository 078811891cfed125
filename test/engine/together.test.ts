import { describe, expect } from 'vitest';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const grace = 'restart: always, stop_grace_period: 2s';

/** A service, and one that uses its network. */
const withSidecar = `services:\n  web: { build: ., ${grace} }\n  sidecar: { image: "backout-test/base:1", network_mode: "service:web", ${serving}, ${grace} }\n`;

/** Each version of a project with its Compose file made by `compose`; both are deployed. Gives the first commit and its image of web. */
const deployBoth = async (
	site: Site,
	compose: (version: string) => string,
): Promise<{ first: string; image: string }> => {
	const files = (version: string) => ({
		'compose.yaml': compose(version),
		Dockerfile: dockerfile(version),
		'app.sh': serves,
	});
	const first = await site.commit('one', files('1'));
	await site.deploy();
	const image = (await site.containers()).find(({ service }) => service === 'web')?.image ?? '';
	await site.commit('two', files('2'));
	await site.deploy();
	return { first, image };
};

/** No container is left on a network that is gone. */
const connected: Wanted = (now) =>
	now.containers
		.filter(({ networks }) => networks.includes('gone'))
		.map((item) => `${item.service} has lost its network`);

describe.skipIf(withoutEngine)('services that belong together go back together', () => {
	test('where they share an image, by commit', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { first } = await deployBoth(
			site,
			() =>
				`x-app: &app { image: "${site.token}/app:latest", build: ., ${grace} }\nservices:\n  web: *app\n  worker: { <<: *app, ${serving} }\n`,
		);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			runs({ web: '1', worker: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('where one runs the image that the other builds, by commit', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { first } = await deployBoth(
			site,
			() =>
				`services:\n  web: { image: "${site.token}/app", build: ., ${grace} }\n  worker: { image: "${site.token}/app", ${serving}, ${grace} }\n`,
		);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			runs({ web: '1', worker: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('where they share an image, by image', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { image } = await deployBoth(
			site,
			() =>
				`services:\n  web: { image: "${site.token}/app:latest", build: ., ${grace} }\n  worker: { image: "${site.token}/app:latest", ${serving}, ${grace} }\n`,
		);
		const judged = await judgeRun(
			site,
			['rollback-image', '--input', `image=${image}`],
			runs({ web: '1', worker: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('where each has a build of the same commit', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { first } = await deployBoth(
			site,
			() => `services:\n  web: { build: ., ${grace} }\n  worker: { build: ., ${serving}, ${grace} }\n`,
		);
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			runs({ web: '1', worker: '1' }),
		);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('where one uses the network of the other', async ({ openSite }) => {
		const site = await openSite();
		const { first, image } = await deployBoth(site, () => withSidecar);
		for (const args of [
			['rollback-image', '--input', `image=${image}`],
			['rollback-commit', '--input', `commit=${first}`],
		]) {
			const judged = await judgeRun(site, args, async (now, before) => [
				...(await connected(now, before)),
				...(await runs({ web: '1' })(now, before)),
			]);
			expect(judged.findings, judged.text).toEqual([]);
		}
	});

	test.for(['rm -f', 'stop'])(
		'and an undo says which of them nobody can start any more: docker %s',
		{ tags: 'long' },
		async (how, { openSite }) => {
			const site = await openSite();
			const { first } = await deployBoth(site, () => withSidecar);
			// It runs on in the network of a container that is not there any more, or has none.
			await site.docker(...how.split(' '), `${site.token}-web-1`);
			const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], connected);
			expect(judged.findings, judged.text).toEqual([]);
			expect(judged.undo, judged.text).toBe('not verified');
			expect(judged.text).toContain('Nobody can start these again: sidecar');
		},
	);

	test('where one uses the memory of the other', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { first } = await deployBoth(
			site,
			() =>
				`services:\n  web: { build: ., ipc: shareable, ${grace} }\n  reader: { image: "backout-test/base:1", ipc: "service:web", ${serving}, ${grace} }\n`,
		);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => {
			const ipc = await site.docker('inspect', '--format', '{{.HostConfig.IpcMode}}', `${site.token}-reader-1`);
			const web = now.containers.find(({ service }) => service === 'web');
			return [
				...(await runs({ web: '1', reader: '' })(now, before)),
				...(ipc === `container:${web?.id}` ? [] : ['reader uses the memory of a container that is gone']),
			];
		});
		expect(judged.findings, judged.text).toEqual([]);
	});

	/** What the reader has, where HostConfig says it, and what of the service `web` belongs to it. */
	const byContainer: Readonly<Record<string, { reader: string; mode: string; web: string }>> = {
		'the network of the other, by the name that the file gives its container': {
			reader: 'network_mode: "container:TOKEN-shop", depends_on: [web]',
			mode: 'NetworkMode',
			web: 'container_name: TOKEN-shop',
		},
		'the memory of the other, by the name that Compose gives its container': {
			reader: 'ipc: "container:TOKEN-web-1"',
			mode: 'IpcMode',
			web: 'ipc: shareable',
		},
	};

	test.for(Object.keys(byContainer))('where one uses %s', { tags: 'long' }, async (name, { openSite }) => {
		const { reader, mode, web } = byContainer[name] as { reader: string; mode: string; web: string };
		const site = await openSite();
		const both = `services:\n  web: { build: ., ${web}, ${grace} }\n  reader: { image: "backout-test/base:1", ${reader}, ${serving}, ${grace} }\n`;
		const deploy = async (version: string) => {
			const compose = both.replaceAll('TOKEN', site.token);
			const hash = await site.commit(version, {
				'compose.yaml': compose,
				Dockerfile: dockerfile(version),
				'app.sh': serves,
			});
			// The container that the other names has to be there first.
			await site.deploy('web');
			await site.compose('up', '-d', '--force-recreate', '--no-deps', 'reader');
			await site.compose('up', '-d');
			return hash;
		};
		const first = await deploy('1');
		await deploy('2');
		const joined: Wanted = async ({ containers }) => {
			const used = await site.docker('inspect', '--format', `{{.HostConfig.${mode}}}`, `${site.token}-reader-1`);
			const other = containers.find(({ service }) => service === 'web');
			return used === `container:${other?.id}` ? [] : ['reader uses a container that is gone'];
		};
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, async (now, before) => [
			...(await runs({ web: '1', reader: '' })(now, before)),
			...(await joined(now, before)),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('and one that has nothing to do with it is left alone', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const { first } = await deployBoth(
			site,
			() =>
				`services:\n  web: { build: ., ${grace} }\n  db: { image: "backout-test/base:1", ${serving}, ${grace}, volumes: ["rows:/rows"] }\nvolumes: { rows: {} }\n`,
		);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], (now, before) => {
			const [was, is] = [before, now].map((at) => at.containers.find(({ service }) => service === 'db'));
			return was?.id === is?.id && was?.startedAt === is?.startedAt ? [] : ['db was started anew'];
		});
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	});

	/** The conditions under which a service starts after another. */
	const waits: Readonly<Record<string, { web: string; db: string }>> = {
		'for it to have started': { web: 'depends_on: [db]', db: '' },
		'for it to be healthy': {
			web: 'depends_on: { db: { condition: service_healthy } }',
			db: ', healthcheck: { test: [CMD, "true"], interval: 1s }',
		},
		'and is started again with it': {
			web: 'depends_on: { db: { condition: service_started, restart: true } }',
			db: '',
		},
	};

	const stays = async (how: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const { web, db } = waits[how] as { web: string; db: string };
		const { first } = await deployBoth(
			site,
			() =>
				`services:\n  web: { build: ., ${grace}, ${web} }\n  db: { image: "backout-test/base:1", ${serving}, ${grace}${db} }\n`,
		);
		// The judge runs the owner's own `up -d`, too: it finds what it would have made itself.
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], (now, before) => {
			const [was, is] = [before, now].map((at) => at.containers.find(({ service }) => service === 'db'));
			return was?.id === is?.id ? [] : ['db was made anew'];
		});
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	};
	test.for(Object.keys(waits))('or stay where one waits for the other %s', { tags: 'long' }, stays);

	test('and one for which Compose has noted another image than it runs is named, and left alone', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const { image } = await deployBoth(
			site,
			() =>
				`services:\n  web: { build: ., ${grace} }\n  side: { image: "backout-test/base:1", ${serving}, ${grace} }\n`,
		);
		// Two builds at the same time under one name leave it so: a container has the label of the one and the image of the other.
		const side = `${site.token}-side-1`;
		const made = JSON.parse(await site.docker('inspect', side))[0];
		await site.docker('rm', '-f', side);
		const { Hostname: _, ...config } = made.Config;
		const request = {
			...config,
			Labels: { ...config.Labels, 'com.docker.compose.image': image },
			HostConfig: made.HostConfig,
			NetworkingConfig: { EndpointsConfig: { [`${site.token}_default`]: { Aliases: [side, 'side'] } } },
		};
		site.write({ '../side.json': JSON.stringify(request) });
		await site.sh(`curl -sf --unix-socket "\${DOCKER_HOST#unix://}" -H 'Content-Type: application/json' -d @../side.json \
			'http://docker/containers/create?name=${side}' && docker start ${side}`);
		const judged = await judgeRun(site, ['rollback-image', '--input', `image=${image}`], (now, before) => {
			const [was, is] = [before, now].map((at) => at.containers.find(({ service }) => service === 'side'));
			return was?.id === is?.id ? [] : ['side was made anew'];
		});
		expect(judged.text).toContain('would change nothing but what differed from the files before: side');
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});
});
