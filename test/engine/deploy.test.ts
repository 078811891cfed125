import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { dockerfile, serves } from './harness/files.ts';
import { startAndKill, watches } from './harness/guarding.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';

const runbook = `extends: compose
verification: { checks: [containers, fit], settle: 2s, deadline: 40s }
checks:
  # The second version does not bear a broken disk.
  fit: { kind: script, title: Fit, run: 'test ! -e ../broken || grep -q 1 version', interval: 500ms }
procedures:
  ready:
    title: Is it ready
    risk: disruptive
    restorePoint: false
    verify: []
    steps: [{ id: look, title: Look, run: 'test ! -e ../not-ready' }]
  deploy:
    title: Deploy the next version
    kind: deploy
    risk: disruptive
    checklist: ready
    guard: 3s
    steps:
      - { id: up, title: Fetch and start it, run: 'git merge -q --ff-only next && docker compose up -d --build', timeout: 5m }
`;
const files = (version: string, app: string) => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n`,
	Dockerfile: dockerfile(version),
	version: `${version}\n`,
	'app.sh': app,
});

/** Version 1 runs, and the branch `next` has a second one. */
const openTwo = async (openSite: OpenSite, second: string) => {
	const site = await openSite({ runbook });
	const first = await site.commit('version 1', files('1', serves));
	await site.deploy();
	const newest = await site.commit('version 2', files('2', second));
	await site.git('branch', 'next');
	await site.git('reset', '-q', '--hard', first);
	return { site, first, newest };
};

describe.skipIf(withoutEngine)('deploy', () => {
	test('one that is well stays; it can be undone', { tags: 'long' }, async ({ openSite }) => {
		const { site, newest } = await openTwo(openSite, serves);
		const before = await site.snapshot();
		const said = await site.backout('deploy', '--yes', '--reason', 'release 2');
		expect(said.text).toMatch(/Is it ready[\s\S]*done and verified[\s\S]*deployed, verified, and healthy/);
		expect(said.code, said.text).toBe(0);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
		expect((await site.containers()).map(({ version }) => version)).toEqual(['2']);
		const undone = await site.backout('undo', 'last', '--yes');
		expect(undone.code, undone.text).toBe(0);
		expect((await site.snapshot()).containers).toMatchObject(
			before.containers.map(({ service, version, state }) => ({ service, version, state })),
		);
	});

	test('one that crashes is undone, and the version before runs again', { tags: 'long' }, async ({ openSite }) => {
		const { site, first } = await openTwo(openSite, 'echo "cannot start"\nsleep 1\nexit 1\n');
		const said = await site.backout('deploy', '--yes');
		expect(said.text).toMatch(/the deployment failed; it was undone, and that was verified: verification failed/);
		expect(said.code, said.text).toBe(1);
		expect(await site.git('rev-parse', 'HEAD')).toBe(first);
		expect((await site.containers()).map(({ version, state }) => [version, state])).toEqual([['1', 'up']]);
	});

	test('one that fails while this machine watches it is undone', { tags: 'long' }, async ({ openSite }) => {
		const { site, first } = await openTwo(openSite, serves);
		const running = site.open('deploy', '--yes', '--guard', '2m', '--here');
		await running.waitFor(/^Watching/m, 300_000);
		writeFileSync(join(site.folder, 'broken'), '');
		expect(await running.exited).toMatchObject({ code: 1 });
		expect(await site.git('rev-parse', 'HEAD')).toBe(first);
		expect((await site.containers()).map(({ version }) => version)).toEqual(['1']);
	});

	test('one that fails while the host watches it is undone by the host, although the command was killed', {
		tags: 'long',
	}, async ({ openSite }) => {
		const { site, first } = await openTwo(openSite, serves);
		await startAndKill(site, ['deploy', '--yes', '--guard', '2m'], { output: watches });
		writeFileSync(join(site.folder, 'broken'), '');
		const attached = await site.backout('attach', 'last');
		expect(attached.code, attached.text).toBe(1);
		expect(attached.text).toMatch(/rolled back and verified: failed for \d+ s: Fit/);
		expect(await site.git('rev-parse', 'HEAD')).toBe(first);
		expect((await site.containers()).map(({ version }) => version)).toEqual(['1']);
	});

	test('nothing is deployed where the checklist fails, and nothing undone with --no-undo', {
		tags: 'long',
	}, async ({ openSite }) => {
		const { site, first, newest } = await openTwo(openSite, 'exit 1\n');
		writeFileSync(join(site.top, '..', 'not-ready'), '');
		const refused = await site.backout('deploy', '--yes');
		expect(refused.text).toMatch(/nothing was deployed: Is it ready did not pass/);
		expect(refused.code, refused.text).toBe(1);
		expect(await site.git('rev-parse', 'HEAD')).toBe(first);
		await site.sh('rm ../not-ready');
		const kept = await site.backout('deploy', '--yes', '--no-undo');
		expect(kept.text).toMatch(/deployed, but not verified; it was not undone.*\n.*to undo the deployment: .*undo /);
		expect(kept.code, kept.text).toBe(5);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});
});
