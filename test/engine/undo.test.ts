import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { crashes, dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

const api = (more: string) =>
	`  api: { image: "${baseImage}", network_mode: "service:web", stop_grace_period: 2s, ${more}${serving} }\n`;
const web = (version: string, more = '') => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n${more}`,
	Dockerfile: dockerfile(version),
	'app.sh': serves,
});

/** Rolls back to a commit and takes that back: what the undo said, and what is not as it was before. */
const thereAndBack = async (site: Site, commit: string) => {
	const before = await site.snapshot();
	const run = await site.backout('run', 'rollback-commit', '--input', `commit=${commit}`, '--yes');
	// This test is not about its verdict.
	expect([0, 1, 5], run.text).toContain(run.code);
	const undo = await site.backout('undo', 'last', '--yes');
	return { undo, differ: differences(before, await site.snapshot(), 'settings') };
};

describe.skipIf(withoutEngine)('undo of services that share a namespace', () => {
	test('whose container is made again, and was not there at the older commit', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await site.commit('one', web('1'));
		await site.commit('two', web('2', api('')));
		await site.deploy();
		const { undo, differ } = await thereAndBack(site, first);
		expect(differ, undo.text).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
	});

	test('in a row of three, of which each uses the one before it', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const row = (mode: string) =>
			api(`environment: { MODE: ${mode} }, `) +
			`  agent: { image: "${baseImage}", pid: "service:api", network_mode: none, stop_grace_period: 2s, environment: { MODE: ${mode} }, ${serving} }\n`;
		const first = await site.commit('one', web('1', row('one')));
		await site.commit('two', web('2', row('two')));
		await site.deploy();
		const { undo, differ } = await thereAndBack(site, first);
		expect(differ, undo.text).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
		expect(undo.text.match(/Recreating web:/g), undo.text).toHaveLength(1);
		expect(undo.text.match(/Recreating api:/g), undo.text).toHaveLength(1);
		expect(undo.text.match(/Recreating agent:/g), undo.text).toHaveLength(1);
	});
});

/** Deploys version 2, whose program ends with 1 at once, after version 1. */
const broken = async (site: Site, restart: string) => {
	const compose = { 'compose.yaml': `services:\n  web: { build: ., restart: "${restart}", stop_grace_period: 2s }\n` };
	const first = await site.commit('one', { ...web('1'), ...compose });
	await site.commit('two', { ...web('2'), ...compose, 'app.sh': crashes });
	await site.deploy();
	return first;
};

describe.skipIf(withoutEngine)('undo goes back to a deployment that was not well, and says so', () => {
	const saysSo = async ([restart, words]: readonly [string, RegExp], { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await broken(site, restart);
		await site.docker('wait', `${site.token}-web-1`);
		const before = await site.snapshot();
		const run = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(run.code, run.text).toBe(0);
		const undo = await site.backout('undo', 'last', '--yes');
		const settings = (lines: readonly string[]) => lines.filter((line) => !line.includes(': state before'));
		expect(settings(differences(before, await site.snapshot(), 'settings')), undo.text).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
		expect(undo.text).toContain('undone: everything is as it was before, which was unhealthy:');
		expect(undo.text).not.toContain('done and verified');
		expect(undo.text).toMatch(words);
	};
	test.for([['always', /web (was restarting|crashed)/]] as const)('a service that crashed, restart policy %s', saysSo);
	test.for([['no', /web had ended with exit code 1/]] as const)(
		'a service that crashed, restart policy %s',
		{ tags: 'long' },
		saysSo,
	);

	test('a service that somebody had stopped', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', web('1'));
		await site.commit('two', web('2'));
		await site.deploy();
		await site.compose('stop', 'web');
		const before = await site.snapshot();
		const run = await site.backout('run', 'failed-deployment', '--input', `commit=${first}`, '--yes');
		expect([0, 1, 5], run.text).toContain(run.code);
		const undo = await site.backout('undo', 'last', '--yes');
		expect(
			differences(before, await site.snapshot(), 'settings').filter((line) => !line.includes(': state before')),
			undo.text,
		).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
		expect(undo.text).toContain('which was unhealthy: web was stopped');
	});
});
