import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { serves } from './harness/files.ts';
import { cutPower, guardAndKill, release, releaseFiles, shutDown } from './harness/guarding.ts';
import { test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

/** A program that serves until the disk breaks. */
const fails = 'trap "exit 0" TERM INT\nwhile [ ! -e /site/broken ]; do sleep 0.2; done\nexit 1\n';
const files = (version: string, app: string, { folder }: Pick<Site, 'folder'>) => ({
	...releaseFiles(version, app),
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 1s, volumes: [ "${folder}/seen:/site" ] }\n`,
});
const resume = (site: Site, run: string) => site.backout('guard', '--resume', run, '--yes');
const rollbacks = async (site: Site) =>
	(await site.sh('git reflog')).split('\n').filter((line) => /reset|checkout/.test(line)).length;

describe.skipIf(withoutEngine)('a guard on the host, when the power of the host is cut', () => {
	test('is said to be interrupted, and goes on once, for the time that is left', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await site.commit('version 1', files('1', serves, site));
		await site.deploy();
		await site.commit('version 2', files('2', fails, site));
		await site.deploy();
		const run = await guardAndKill(site, first, 300);
		expect(cutPower(site, run)).toBeGreaterThan(1);

		const attached = await site.backout('attach', run);
		expect(attached.code, attached.text).toBe(6);
		expect(attached.text).toContain('the guard was interrupted');
		const command = `guard --resume ${run} --yes`;
		expect(attached.text).toContain(command);
		const next = await site.backout('guard', '--procedure', 'rollback-commit', '--for', '2s', '--yes');
		expect(next.text).toContain(command);

		// It is broken while nobody watches; the guard finds it so when it goes on.
		writeFileSync(join(site.folder, 'seen', 'broken'), '');
		const [one, two] = await Promise.all([resume(site, run), resume(site, run)]);
		const acted = [one, two].filter(({ text }) => text.includes('rolled back and verified'));
		expect(acted, `${one.text}\n====\n${two.text}`).toHaveLength(1);
		expect(acted[0]?.code).toBe(1);
		expect(acted[0]?.text).toMatch(new RegExp(`goes on where run ${run} was interrupted, after \\d+ of 300 s`));
		const other = [one, two].find((said) => said !== acted[0]);
		expect(other?.code, other?.text).toBe(4);
		expect(other?.text).toMatch(/goes on with it already|has already taken over from run/);
		expect(await site.git('rev-parse', 'HEAD')).toBe(first);
		expect(await rollbacks(site)).toBe(1);

		const late = await resume(site, run);
		expect(late.code, late.text).toBe(4);
		expect(late.text).toMatch(/run \S+ goes on with it already/);
	});

	test('is interrupted by a shutdown as well, and ends well when it has gone on', { tags: 'long' }, async ({
		openSite,
	}) => {
		const { site, first, newest } = await release(openSite, serves);
		const run = await guardAndKill(site, first, 15);
		shutDown(site, run);
		const attached = await site.backout('attach', run);
		expect(attached.text).toContain('the guard was interrupted');
		expect(attached.code, attached.text).toBe(6);
		// In a terminal, attach asks whether to go on.
		const asking = site.open('attach', run);
		await asking.waitFor(/Go on with it\? y or N: *$/m, 120_000);
		asking.send('y\r');
		await asking.waitFor('healthy until the end', 240_000);
		expect(await asking.exited).toMatchObject({ code: 0 });
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});

	test('stands down when another version was deployed before it goes on', { tags: 'long' }, async ({ openSite }) => {
		const { site, first } = await release(openSite, serves);
		const run = await guardAndKill(site, first, 300);
		cutPower(site, run);
		const dashboard = site.open();
		await dashboard.waitFor(`A guard was interrupted: run ${run}`, 120_000);
		await dashboard.close();
		const third = await site.commit('version 3', releaseFiles('3', serves));
		await site.deploy();
		const resumed = await resume(site, run);
		expect(resumed.code, resumed.text).toBe(4);
		expect(resumed.text).toMatch(/something else was deployed meanwhile|the deployment has changed since the plan/);
		expect(await site.git('rev-parse', 'HEAD')).toBe(third);
	});
});
