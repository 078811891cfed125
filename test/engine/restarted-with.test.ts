import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serving } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { all, judgeRun, runs, type Wanted } from './harness/judge.ts';
import type { Snapshot } from './harness/snapshot.ts';

const service = (more: string) => `{ image: ${baseImage}, stop_grace_period: 2s, ${serving}, ${more} }`;
const restarts = 'depends_on: { web: { condition: service_started, restart: true } }';

const startOf = (now: Snapshot, name: string) => now.containers.find((item) => item.service === name);

/** Wants this service to run in the same container, which was started after that of `web`. */
const restarted =
	(name: string): Wanted =>
	(now, before) => {
		const [is, was, web] = [startOf(now, name), startOf(before, name), startOf(now, 'web')];
		return is?.id === was?.id && (is?.startedAt ?? '') > (web?.startedAt ?? '~')
			? []
			: [`${name} was started at ${is?.startedAt}, web at ${web?.startedAt}`];
	};

const untouched =
	(name: string): Wanted =>
	(now, before) =>
		startOf(now, name)?.startedAt === startOf(before, name)?.startedAt ? [] : [`${name} was started anew`];

describe.skipIf(withoutEngine)('a service that depends on another one with restart: true', () => {
	test('is restarted after it, and is named in the plan; so does the undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:
  web: { build: ., restart: always, stop_grace_period: 2s }
  api: ${service(restarts)}
  job: ${service('depends_on: [web]')}
`,
		}));
		await site.deploy();
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const plan = await site.backout('plan', ...run);
		expect(plan.text).toMatch(/api: restarted .*it depends on web, with restart: true/);
		expect(plan.text).toContain('Services interrupted: api, web');
		const wanted = all(runs({ web: '1' }), restarted('api'), untouched('job'));
		const judged = await judgeRun(site, run, wanted);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		const now = await site.snapshot();
		expect(restarted('api')(now, now)).toEqual([]);
	});

	test('is restarted when that is healthy', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const check = 'healthcheck: { test: "test -e /tmp/ready || { touch /tmp/ready; false; }", interval: 2s }';
		const healthy = 'depends_on: { web: { condition: service_healthy, restart: true } }';
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:
  web: { build: ., restart: always, stop_grace_period: 2s, ${check} }
  api: ${service(healthy)}
`,
		}));
		await site.deploy();
		const judged = await judgeRun(
			site,
			['rollback-commit', '--input', `commit=${first}`],
			all(runs({ web: '1' }), restarted('api')),
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});
});
