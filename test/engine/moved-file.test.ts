import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun } from './harness/judge.ts';

/** A project that builds without any other file, with a folder of data beside its Compose file. */
const project = (version: string, token: string): string =>
	`services:\n  web: { build: { context: ., dockerfile_inline: "FROM ${baseImage}\\nLABEL test.version=${version} test.site=${token}\\n" }, restart: always, stop_grace_period: 2s, ${serving}, volumes: ["./data:/data"] }\n`;

describe.skipIf(withoutEngine)('a commit that has its Compose file in another folder is refused', () => {
	/** The Compose file was in the folder `older`, and is in `newer` now, which is deployed with its data. */
	const isRefused = async (older: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite({ within: (token) => `deploy-${token}` });
		const [before, now] = [join(older, 'compose.yaml'), join(`deploy-${site.token}`, 'compose.yaml')];
		site.write({ '.gitignore': 'data\n', [join(`deploy-${site.token}`, 'README')]: 'how to deploy\n' });
		const first = await site.commit('one', { [before]: project('1', site.token) });
		await site.git('rm', '-q', before);
		site.write({ [join(`deploy-${site.token}`, 'data/rows')]: 'hello\n' });
		await site.commit('two', { [now]: project('2', site.token) });
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [
			'the older version is another project, without its data',
		]);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'refused']);
		expect(judged.text).toContain(`there is no Compose file in ${site.directory}`);
		expect(existsSync(join(site.top, 'data'))).toBe(false);
	};

	test('above: Compose would take it for another project', ({ openSite }) => isRefused('', { openSite }));
	test('beside', { tags: 'long' }, ({ openSite }) => isRefused('docker', { openSite }));
});
