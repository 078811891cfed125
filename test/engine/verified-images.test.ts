import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serves } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine)('the image that a verification has passed on', () => {
	test('survives a deployment without backout and a prune of all unused images, and prune removes it', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		// A prune by this label leaves other deployments of the engine alone.
		const files = (version: string) => ({
			'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n',
			Dockerfile: `FROM ${baseImage}\nLABEL test.site=${site.token} test.version=${version}\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`,
			'app.sh': serves,
		});
		const imageOf = () => site.docker('inspect', '--format', '{{.Image}}', `${site.token}-web-1`);
		const pruneUnused = () => site.docker('image', 'prune', '-af', '--filter', `label=test.site=${site.token}`);
		const idsOf = async () => (await site.docker('image', 'ls', '-aq', '--no-trunc')).split('\n');

		await site.commit('one', files('1'));
		await site.deploy();
		const unverified = await imageOf();
		await site.commit('two', files('2'));
		// A deployment with backout: its restore point has the first image, and its verdict is about the second.
		const deployed = await site.backout('with-lock', '--verify', '--', ...['docker', 'compose', 'up', '-d', '--build']);
		expect(deployed.code, deployed.text).toBe(0);
		const good = await imageOf();
		const [run] = (await site.backout('runs', '--json')).text.match(/\d{8}T\d{6}Z-[0-9a-f]{6}/) ?? [];
		await site.commit('three', files('3'));
		await site.deploy();
		await pruneUnused();
		expect(await idsOf()).toEqual(expect.arrayContaining([unverified, good]));
		const points = await site.backout('restore-points');
		expect(points.text).toContain('1 verified image of after the run');
		// The only one with verified images is never pruned by a rule.
		expect((await site.backout('prune', '--older-than', '0s', '--yes')).text).toContain('nothing to delete');
		await site.commit('four', files('4'));
		const again = await site.backout('with-lock', '--verify', '--', ...['docker', 'compose', 'up', '-d', '--build']);
		expect(again.code, again.text).toBe(0);
		const pruned = await site.backout('prune', '--keep', '1', '--yes');
		expect(pruned.text).toContain(`dropped ${run}`);
		await pruneUnused();
		expect(await idsOf()).not.toContain(good);
		expect(await site.docker('ps', '-aq', '--filter', `label=backout.run=${run}`)).toBe('');
	});
});
