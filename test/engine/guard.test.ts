import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

const crashes = 'echo "cannot start"\nsleep 1\nexit 1\n';
const files = (version: string, app: string) => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n  side: { image: "${baseImage}", ${serving}, stop_grace_period: 1s }\n`,
	Dockerfile: dockerfile(version),
	'app.sh': app,
});

/** Version 1 is deployed, its neighbour stops, and then the second version of the main service alone is deployed. */
const deployTwo = async (
	openSite: OpenSite,
	second: string,
): Promise<{ site: Site; first: string; newest: string }> => {
	const site = await openSite();
	const first = await site.commit('version 1', files('1', serves));
	await site.deploy();
	await site.docker('stop', `${site.token}-side-1`);
	const newest = await site.commit('version 2', files('2', second));
	await site.compose('up', '-d', '--build', 'web');
	return { site, first, newest };
};
const guard = (site: Site, first: string, ...where: readonly string[]) =>
	site.backout(
		...['guard', '--procedure', 'rollback-commit', '--input', `commit=${first}`],
		...['--for', '12s', '--grace', '1s', '--interval', '1s', '--yes', ...where],
	);

describe.skipIf(withoutEngine)('guard, where another service had stopped before the deployment', () => {
	test('leaves a healthy version alone, and says what had failed: from here', { tags: 'long' }, async ({
		openSite,
	}) => {
		const { site, first, newest } = await deployTwo(openSite, serves);
		const guarded = await guard(site, first, '--here');
		expect(guarded.text).not.toContain('The host watches by itself');
		expect(guarded.text).toMatch(/already failed when guard started.*side is exited/);
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(newest);
	});

	test('leaves a healthy version alone, and says what had failed: on the host', { tags: 'long' }, async ({
		openSite,
	}) => {
		const { site, first, newest } = await deployTwo(openSite, serves);
		const guarded = await guard(site, first);
		expect(guarded.text).toContain('The host watches by itself');
		expect(guarded.text).toMatch(/unknown: .*side exited with code 0, and nothing shows whether/);
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(newest);
	});

	test('rolls a broken version back all the same: from here', { tags: 'long' }, async ({ openSite }) => {
		const { site, first } = await deployTwo(openSite, crashes);
		const guarded = await guard(site, first, '--here');
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(first);
	});

	test('rolls a broken version back all the same: on the host', { tags: 'long', timeout: 600_000 }, async ({
		openSite,
	}) => {
		const { site, first } = await deployTwo(openSite, crashes);
		const guarded = await guard(site, first);
		expect(guarded.text).toContain('The host watches by itself');
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(first);
	});
});
