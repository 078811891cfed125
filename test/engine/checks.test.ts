import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { waitFor } from '../lab/processes.ts';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, plainProject, serves, serving } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const use = `image: "${baseImage}"`;

const up = async (site: Site, services: string): Promise<void> => {
	site.write({ 'compose.yaml': `services:\n${services}` });
	await site.compose('up', '-d');
};

/** Wants neither `status` nor `verify` to say that all is well. */
const notWell = async (site: Site, ...words: readonly RegExp[]): Promise<void> => {
	const [status, verify] = [await site.backout('status'), await site.backout('verify')];
	expect(status.code, status.text).not.toBe(0);
	expect(verify.code, verify.text).not.toBe(0);
	for (const word of words) {
		expect(verify.text).toMatch(word);
	}
};

const well = async (site: Site): Promise<void> => {
	const verify = await site.backout('verify', '--wait', '20s');
	expect(verify.code, verify.text).toBe(0);
};

describe.skipIf(withoutEngine)('the main service', () => {
	test('is not well when it was stopped, though it ended with 0', async ({ openSite }) => {
		const site = await openSite();
		await up(site, `  web: { ${use}, ${serving} }\n`);
		await site.docker('stop', `${site.token}-web-1`);
		await notWell(site, /web/);
	});

	test('is not well when only a container runs that somebody gave the labels of the project', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		await up(site, `  web: { ${use}, ${serving} }\n`);
		const labels = [`project=${site.token}`, 'service=web', 'container-number=2'];
		const flags = labels.flatMap((label) => ['--label', `com.docker.compose.${label}`]);
		await site.docker('run', '-d', '--name', `${site.token}-like-web`, ...flags, baseImage, 'sleep', '600');
		await site.docker('stop', '-t', '0', `${site.token}-web-1`);
		await notWell(site, /web is exited/);
	});

	test('is not well when it ends with 0 by itself, also after a rollback', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const compose = 'services:\n  web: { build: . }\n';
		const first = await site.commit('one', {
			...plainProject('1', 'echo "no licence, bye"\nexit 0\n'),
			'compose.yaml': compose,
		});
		await site.commit('two', { ...plainProject('2'), 'compose.yaml': compose });
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => ['web has ended']);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('is not well when a config that is put back makes it end with 0', async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env*\n', '.env': 'LICENCE=yes\n', '.env.before': 'LICENCE=\n' });
		await site.commit('one', {
			'compose.yaml': 'services:\n  web: { build: ., environment: { LICENCE: "${LICENCE}" } }\n',
			Dockerfile: dockerfile('1'),
			'app.sh': `[ -n "$LICENCE" ] || exit 0\n${serves}`,
		});
		await site.deploy();
		const source = `source=env:${site.directory}/.env.before`;
		const judged = await judgeRun(site, ['config-error', '--input', source], () => ['web has ended']);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('is not well when it crashes more seldom than the settling time, and that was seen', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const dies = 'echo started\nsleep 7\nexit 1\n';
		const first = await site.commit('one', plainProject('1', dies));
		await site.commit('two', plainProject('2', dies));
		await site.deploy();
		const restarted = async () => ((await site.containers())[0]?.restarts ?? 0) >= 2;
		expect(await waitFor(restarted, 60_000, 500)).toBe(true);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'web crashes every 7 s',
		]);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('is not well when another service crashes more seldom than that', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  worker: { ${use}, command: [sh, -c, "sleep 6; exit 1"], restart: always }\n`,
		}));
		await site.deploy();
		const restarted = async () =>
			((await site.containers()).find(({ service }) => service === 'worker')?.restarts ?? 0) >= 2;
		expect(await waitFor(restarted, 60_000, 500)).toBe(true);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'worker crashes every 6 s',
		]);
		expect(judged.findings, judged.text).toEqual([]);
	});
});

describe.skipIf(withoutEngine)('as many containers as the model wants', () => {
	const scaled = `  web: { ${use}, ${serving}, deploy: { replicas: 3 }, stop_grace_period: 2s }\n  gpu: { ${use}, deploy: { replicas: 0 } }\n`;

	test('run: none of a service that is scaled to nothing', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await up(site, scaled);
		await well(site);
	});

	test('do not run when one of three is stopped, and it is said which', async ({ openSite }) => {
		const site = await openSite();
		await up(site, scaled);
		await site.docker('stop', `${site.token}-web-2`);
		await notWell(site, /web-2|2 of 3/);
	});

	test('do not run when one of three is gone', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await up(site, scaled);
		await site.docker('rm', '-f', `${site.token}-web-2`);
		await notWell(site, /2 of 3|web-2/);
	});

	test('do not run when a service of the file has none', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await up(site, `  web: { ${use}, ${serving} }\n  mail: { ${use}, ${serving} }\n`);
		await site.docker('rm', '-f', `${site.token}-mail-1`);
		await notWell(site, /mail/);
	});

	test('run when a job that others wait for has ended with 0, whatever the health check of its image says', async ({
		openSite,
	}) => {
		const site = await openSite();
		site.write({
			Dockerfile: `FROM ${baseImage}\nHEALTHCHECK --interval=1s CMD true\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`,
			'app.sh': serves,
			'compose.yaml': `services:
  bucket: { ${use}, command: [sh, -c, "echo made"], restart: on-failure }
  migrate: { image: "${site.token}/app:1", build: ., command: [sh, -c, "sleep 2; echo migrated"], restart: "no" }
  web:
    image: "${site.token}/app:1"
    restart: always
    stop_grace_period: 2s
    depends_on: { migrate: { condition: service_completed_successfully }, bucket: { condition: service_completed_successfully } }
`,
		});
		await site.deploy();
		await well(site);
	});

	test('do not run when that job has failed', async ({ openSite }) => {
		const site = await openSite();
		site.write({
			'compose.yaml': `services:
  migrate: { ${use}, command: [sh, -c, "exit 4"], restart: "no" }
  web: { ${use}, ${serving}, depends_on: { migrate: { condition: service_completed_successfully } } }
`,
		});
		await site.compose('up', '-d', '--no-deps', 'migrate');
		await site.compose('up', '-d', '--no-deps', 'web');
		await notWell(site, /migrate/);
	});
});

describe.skipIf(withoutEngine)('what was not looked at', () => {
	test('is not taken to have held: an endpoint that fails two of three requests', async ({ openSite }) => {
		let asked = 0;
		const server = createServer((_, answer) => {
			asked += 1;
			answer.writeHead(asked % 3 === 0 ? 200 : 500).end();
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		try {
			const site = await openSite({
				runbook: `extends: compose\nchecks:\n  health: { title: Health, kind: http, url: 'http://127.0.0.1:${port}/', timeout: 2s, expect: { status: 200 } }\nverification: { checks: [containers, health], settle: 3s, deadline: 15s }\n`,
			});
			await up(site, `  web: { ${use}, ${serving}, restart: always }\n`);
			for (let look = 0; look < 3; look++) {
				const said = await site.backout('verify');
				// One look is one look: it may pass alone, but not as something that has held.
				expect(said.text).not.toMatch(/for at least \d+ ?s|held/);
			}
			const waited = await site.backout('verify', '--wait', '12s');
			expect(waited.code, waited.text).not.toBe(0);
		} finally {
			server.close();
		}
	});

	test('is asked of the engine: a health check that fails every other time', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const flaps = 'test: [CMD-SHELL, "[ $$(( $$(date +%s) / 2 % 2 )) = 0 ]"], interval: 1s, timeout: 1s, retries: 1';
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, healthcheck: { ${flaps} } }\n`,
		}));
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'web is unhealthy half of the time',
		]);
		expect(judged.findings, judged.text).toEqual([]);
	});

	test('is asked of the engine: a health check that fails, before it is called unhealthy', async ({ openSite }) => {
		const site = await openSite();
		await up(
			site,
			`  web: { ${use}, ${serving}, healthcheck: { test: ["CMD", "test", "-e", "/up"], interval: 1s, retries: 1000 } }\n`,
		);
		const web = `${site.token}-web-1`;
		const healthOf = (field: string) => site.docker('inspect', '--format', `{{.State.Health.${field}}}`, web);
		await site.docker('exec', web, 'touch', '/up');
		expect(await waitFor(async () => (await healthOf('Status')) === 'healthy', 30_000)).toBe(true);
		await site.docker('exec', web, 'rm', '/up');
		expect(await waitFor(async () => (await healthOf('FailingStreak')) !== '0', 30_000)).toBe(true);
		const verify = await site.backout('verify');
		expect(verify.code, verify.text).toBe(1);
		expect(verify.text).toMatch(/the health check of web has failed .*, though it is still called healthy/);
		await site.docker('exec', web, 'touch', '/up');
		expect(await waitFor(async () => (await healthOf('FailingStreak')) === '0', 30_000)).toBe(true);
		await well(site);
	});

	test('is unknown: how a service ended that somebody has stopped, after Docker has forgotten it', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const ready = 'trap "exit 0" TERM; echo ready; while :; do sleep 600 & wait $$!; done';
		const worker = `  worker: { image: "${baseImage}", command: [sh, -c, '${ready}'], restart: on-failure }\n`;
		await up(site, `  web: { image: "${baseImage}", ${serving}, restart: always }\n${worker}`);
		const isReady = async () => (await site.docker('logs', `${site.token}-worker-1`)).includes('ready');
		expect(await waitFor(isReady, 30_000)).toBe(true);
		await site.docker('stop', `${site.token}-worker-1`);
		await notWell(site, /worker is exited, exit code 0/);
		// Docker keeps 256 events of all kinds.
		await site.sh(`i=0; while [ $i -lt 260 ]; do docker tag ${baseImage} ${site.token}:$i; i=$((i + 1)); done`);
		await notWell(site, /worker exited with code 0, and nothing shows whether it is a finished job or was stopped/);
		await site.sh(
			`docker rmi $(docker images -q --filter reference=${site.token} --format '{{.Repository}}:{{.Tag}}')`,
		);
	});

	test('is unknown: errors in a part of the log that has rotated', async ({ openSite }) => {
		const site = await openSite({
			runbook: `extends: compose\nchecks:\n  errors: { title: No errors, kind: log-errors, service: web, pattern: '\\bfatal\\b' }\nverification: { checks: [containers, errors], settle: 3s, deadline: 15s }\n`,
		});
		const noisy =
			'echo fatal: half of the orders are lost; i=0; while [ $$i -lt 3000 ]; do echo order $$i is done; i=$$((i+1)); done; while :; do sleep 1; done';
		await up(
			site,
			`  web:\n    ${use}\n    init: true\n    stop_grace_period: 1s\n    command: [sh, -c, '${noisy}']\n    logging: { driver: json-file, options: { max-size: 4k, max-file: "1" } }\n`.replace(
				`    ${use}`,
				`    image: "${baseImage}"`,
			),
		);
		const rotated = async () => {
			const log = await site.docker('logs', `${site.token}-web-1`);
			return log.includes('order 2999') && !log.includes('fatal');
		};
		expect(await waitFor(rotated, 30_000)).toBe(true);
		const said = await site.backout('verify');
		expect(said.code, said.text).not.toBe(0);
	});

	test('is unknown: a log that the engine does not keep', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({
			runbook: `extends: compose\nchecks:\n  errors: { title: No errors, kind: log-errors, service: web, pattern: '\\bfatal\\b' }\nverification: { checks: [containers, errors], settle: 3s, deadline: 15s }\n`,
		});
		await up(site, `  web: { ${use}, ${serving}, logging: { driver: none } }\n`);
		const said = await site.backout('verify');
		expect(said.code, said.text).not.toBe(0);
	});
});
