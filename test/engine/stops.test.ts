import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serving } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import { quickRunbook, type Site } from './harness/site.ts';

const use = `image: "${baseImage}", restart: always`;
const sure = ['--confirm', 't', '--reason', 'drill'];

const watchShort = `${quickRunbook}variables: { stopped_watch: 2, watchdogs: the pager of the other house }\n`;

const up = async (site: Site): Promise<void> => {
	site.write({
		'compose.yaml':
			`services:\n  web: { ${use}, ${serving} }\n  side: { ${use}, ${serving}, restart: 'on-failure:5' }\n`.replaceAll(
				`restart: always, ${serving}, restart`,
				`${serving}, restart`,
			),
	});
	await site.compose('up', '-d');
};

/** Name, state, restart policy and networks of each container. */
const standing = async (site: Site): Promise<string> =>
	site.sh(
		`docker inspect --format '{{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}{{range $n, $_ := .NetworkSettings.Networks}} {{$n}}{{end}}' $(docker compose ps -aq) | sort`,
	);

/** Tries to start a stopped container in each way that others have; says which worked. */
const tries = (site: Site): Promise<string> =>
	site.sh(`for try in "docker start ${site.token}-web-1" "docker restart ${site.token}-web-1" 'docker compose restart' \
		'docker compose up -d' 'docker compose start'; do $try >/dev/null 2>&1 && echo "worked: $try"; done; true`);

describe.skipIf(withoutEngine)('what was stopped', () => {
	test('can be started by nobody else, and comes back as it was', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		await up(site);
		const before = await standing(site);
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		expect(await tries(site)).toBe('');
		expect(await standing(site)).not.toMatch(/running|always/);
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).toBe(0);
		expect(await standing(site)).toBe(before);
	});

	test('also when it is stopped twice, and by undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		await up(site);
		const before = await standing(site);
		expect((await site.backout('run', 'stop-everything', ...sure)).code).toBe(0);
		expect((await site.backout('run', 'stop-everything', ...sure)).code).toBe(0);
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).toBe(0);
		expect(await standing(site)).toBe(before);
		expect((await site.backout('run', 'stop-everything', ...sure)).code).toBe(0);
		const undone = await site.backout('undo', 'last', ...sure);
		expect(undone.code, undone.text).toBe(0);
		expect(await standing(site)).toBe(before);
	});

	test('is started again as far as it can be, and what cannot is named', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		const crashes = 'entrypoint: ["sh", "-c", "sleep 2; exit 1"]';
		site.write({
			'side.conf': 'a file\n',
			'compose.yaml': `services:
  api: { ${use}, ${crashes} }
  guest: { ${use}, ${serving}, network_mode: "service:api" }
  side: { ${use}, ${serving}, volumes: ["./side.conf:/side.conf"] }
  web: { ${use}, ${serving} }
`,
		});
		await site.compose('up', '-d');
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		await site.sh('rm side.conf; mkdir side.conf');
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).not.toBe(0);
		expect(started.text).toContain(`${site.token}-side-1 cannot be started:`);
		const states = Object.fromEntries((await site.containers()).map(({ service, state }) => [service, state]));
		// The network of one that crashes is there now and then; the main service comes last, and is not kept waiting.
		expect(states).toMatchObject({ guest: 'up', web: 'up' });
	});

	test('leaves no network behind, and stops what cannot be held', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		site.write({ 'compose.yaml': `services:\n  web: { ${use}, ${serving}, network_mode: host }\n` });
		await site.compose('up', '-d');
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		expect(stopped.text).toMatch(/somebody else could start these again/);
		expect(await site.sh('docker network ls --format "{{.Name}}"')).not.toMatch(/held-by-backout/);
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).toBe(0);
		expect(await standing(site)).toMatch(/ running always:0 host/);
	});

	test('is stopped although the Compose file does not parse; the plan says who would start it', async ({
		openSite,
	}) => {
		const site = await openSite({ runbook: watchShort });
		await up(site);
		site.write({ 'compose.yaml': 'services: [' });
		const plan = await site.backout('plan', 'stop-everything');
		expect(plan.text).toMatch(/Docker, by restart policy: .*web/);
		expect(plan.text).toMatch(/as the runbook says: the pager of the other house/);
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		expect(await site.sh(`docker ps -q --filter label=com.docker.compose.project=${site.token}`)).toBe('');
	});

	test('starts in an order that its shared namespaces allow', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		site.write({
			'compose.yaml': `services:
  web: { ${use}, ${serving}, ipc: shareable }
  api: { ${use}, ${serving}, network_mode: "service:web" }
  agent: { ${use}, ${serving}, network_mode: "service:api", ipc: "service:web" }
`,
		});
		await site.compose('up', '-d');
		const before = await standing(site);
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).toBe(0);
		expect(await standing(site)).toBe(before);
	});

	test('is not started where the container whose network it shares was removed: which, and what to do', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite({ runbook: watchShort });
		site.write({
			'compose.yaml': `services:\n  web: { ${use}, ${serving} }\n  sidecar: { ${use}, ${serving}, network_mode: "service:web" }\n  other: { ${use}, ${serving} }\n`,
		});
		await site.compose('up', '-d');
		await site.docker('rm', '-f', `${site.token}-web-1`);
		const stopped = await site.backout('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.text).toBe(0);
		const started = await site.backout('run', 'start-everything', '--yes', '--reason', 'drill');
		expect(started.code, started.text).toBe(1);
		expect(started.text).toMatch(/sidecar-1 cannot be started: .* was removed; docker compose up -d makes both anew/);
		expect(await site.sh('docker compose ps --services --status running')).toBe('other');
	});

	test('is started with those that share its network', { tags: 'long' }, async ({ openSite }) => {
		const steps = (script: string) =>
			`{ title: ${script} web, group: G, when: W, risk: disruptive, interrupts: [], verify: [], steps: [{ id: it, title: ${script}, script: ${script} }] }`;
		const site = await openSite({
			runbook: `${watchShort}procedures:\n  stop-web: ${steps('stop-service')}\n  start-web: ${steps('start-service')}\n`,
		});
		site.write({
			'compose.yaml': `services:\n  web: { ${use}, ${serving} }\n  sidecar: { ${use}, ${serving}, network_mode: "service:web" }\n  other: { ${use}, ${serving} }\n`,
		});
		await site.compose('up', '-d');
		const addresses = () => site.sh('docker compose exec -T sidecar ip -o -4 addr | wc -l');
		const startedAt = (service: string) =>
			site.docker('inspect', '--format', '{{.State.StartedAt}}', `${site.token}-${service}-1`);
		const [connected, otherStartedAt] = [await addresses(), await startedAt('other')];
		expect(Number(connected)).toBeGreaterThan(0);
		const stopped = await site.backout('run', 'stop-web', '--yes');
		expect(stopped.code, stopped.text).toBe(0);
		const started = await site.backout('run', 'start-web', '--yes');
		expect(started.code, started.text).toBe(0);
		expect(started.text).toContain('sidecar-1: restarted, for it shares a namespace');
		expect(await addresses()).toBe(connected);
		expect(await startedAt('other')).toBe(otherStartedAt);
	});
});
