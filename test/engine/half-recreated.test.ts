import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

interface Half {
	/** The old one is removed already. */
	readonly gone: boolean;
	/** The settings are those of the old one. */
	readonly same?: boolean;
}

/**
 * Leaves what Compose leaves when it is killed while it recreates a container: the new one exists under the name of the old one with the
 * old id before it, and has not run.
 */
const leaveHalf = async (site: Site, { gone, same = false }: Half): Promise<void> => {
	const name = `${site.token}-web-1`;
	const id = await site.docker('inspect', '--format', '{{.Id}}', name);
	const labels = await site.docker(
		'inspect',
		'--format',
		'{{range $key, $value := .Config.Labels}}{{$key}}={{$value}}{{println}}{{end}}',
		name,
	);
	const half = `${id.slice(0, 12)}_${name}`;
	await site.docker(
		'create',
		...['--name', half, '--network', `${site.token}_default`, '--label', `com.docker.compose.replace=${id}`],
		...labels
			.split('\n')
			.filter((line) => line.startsWith('com.docker.compose.') && !line.startsWith('com.docker.compose.replace='))
			.flatMap((line) => [
				'--label',
				line.startsWith('com.docker.compose.config-hash') && !same ? `${line.slice(0, -4)}0000` : line,
			]),
		...['--restart', 'always', `${site.token}-web`],
	);
	if (gone) await site.docker('rm', '-f', name);
};

const names = async (site: Site): Promise<string> =>
	site.docker('ps', '-a', '--filter', `label=com.docker.compose.project=${site.token}`, '--format', '{{.Names}}');

describe.skipIf(withoutEngine)('a container that Compose had recreated by half', () => {
	const isUndone = async ([, gone]: readonly [string, boolean], { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const before = await site.snapshot();
		const run = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(run.code, run.text).toBe(0);
		await leaveHalf(site, { gone });
		const undo = await site.backout('undo', 'last', '--yes');
		expect(differences(before, await site.snapshot(), 'settings'), undo.text).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
		expect(await names(site)).toBe(`${site.token}-web-1`);
	};
	test.for([
		['the old one still runs', false],
		['the old one is gone', true],
	] as const)('undo: %s', { tags: 'long' }, isUndone);

	test('undo of a restart: the new one is like the old one', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await twoVersions(site);
		await site.deploy();
		const before = await site.snapshot();
		const run = await site.backout('run', 'restart-service', '--input', 'restarted=web', '--yes');
		expect(run.code, run.text).toBe(0);
		await leaveHalf(site, { gone: true, same: true });
		const undo = await site.backout('undo', 'last', '--yes', '--confirm', 't', '--reason', 'test');
		expect(differences(before, await site.snapshot(), 'settings'), undo.text).toEqual([]);
		expect(undo.code, undo.text).toBe(0);
		expect(await names(site)).toBe(`${site.token}-web-1`);
	});

	test.for([
		['the old one still runs', false],
		['the old one is gone', true],
	] as const)('rollback: %s', { tags: 'long' }, async ([, gone], { openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		await leaveHalf(site, { gone });
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }), {
			undo: false,
		});
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
		expect(await names(site)).toBe(`${site.token}-web-1`);
	});
});
