import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

/** Deploys a commit whose service without a build runs so many times, and another one that differs in nothing but that number. */
const deployed = async (site: Site, image: string, [then, now]: readonly [number, number]): Promise<string> => {
	await site.docker('tag', baseImage, image);
	const files = (version: string, count: number) => ({
		'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  cache: { image: "${image}", restart: always, stop_grace_period: 2s, ${serving}, deploy: { replicas: ${count} } }\n`,
		Dockerfile: dockerfile(version),
		'app.sh': serves,
	});
	const first = await site.commit('one', files('1', then));
	await site.deploy();
	await site.commit('two', files('2', now));
	await site.deploy();
	return first;
};

const runsSoMany =
	(count: number): Wanted =>
	({ containers }) => {
		const up = containers.filter(({ service, state }) => service === 'cache' && state === 'up').length;
		return up === count ? [] : [`${up} of ${count} containers of cache run`];
	};

describe.skipIf(withoutEngine)('a service without a build that another commit scales', () => {
	const scales = async (
		[name, now, then, outcome]: readonly [string, number, number, string],
		{ openSite }: WithSite,
	): Promise<void> => {
		const site = await openSite();
		const commit = await deployed(site, `${site.token}/${name}`, [then, now]);
		const run = ['rollback-commit', '--input', `commit=${commit}`];
		if (then < now) {
			const refused = await judgeRun(site, run, runsSoMany(now));
			expect(refused.outcome, refused.text).toBe('refused');
			expect(refused.text).toContain(`${now} containers of cache run, but the new Compose files say ${then}`);
		}
		const judged = await judgeRun(site, [...run, '--allow', `cache:replicas:${then}`], runsSoMany(then));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe(outcome);
		if (then === 0) {
			expect(judged.text).toContain('the others need not run');
		}
		expect(judged.undo, judged.text).toBe('verified');
	};
	test.for([
		['moving', 3, 0, 'verified'],
		['published:1', 3, 0, 'verified'],
		['published:1', 0, 3, 'verified'],
		['published:1', 3, 1, 'verified'],
		['published:1', 1, 3, 'verified'],
		['moving', 2, 1, 'not verified'],
	] as const)('%s: from %i back to %i', { tags: 'long' }, scales);
});
