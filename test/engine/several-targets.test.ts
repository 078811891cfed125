import { describe, expect } from 'vitest';
import { dockerfile, serves } from './harness/files.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

const files = (version: string, app: string) => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n`,
	Dockerfile: dockerfile(version),
	'app.sh': app,
});

/** A deployment whose second version is deployed, and the hashes of both. */
const deployTwo = async (openSite: OpenSite, first: string) => {
	const site = await openSite();
	const older = await site.commit('version 1', files('1', first));
	const newest = await site.commit('version 2', files('2', serves));
	await site.deploy();
	return { site, older, newest };
};

const targetOf = (name: string, { directory, state }: Site) =>
	`  ${name}: { host: local, directory: ${directory}, state: ${state}, runbook: ./quick.yaml, variables: { service: web }, runs: { freeSpace: 1MB } }\n`;

describe.skipIf(withoutEngine)('two deployments as two targets', () => {
	test('the second is not begun when the first is not well afterwards', { tags: 'long' }, async ({ openSite }) => {
		const [one, two] = await Promise.all([
			deployTwo(openSite, 'echo "cannot start"\nsleep 1\nexit 1\n'),
			deployTwo(openSite, serves),
		]);
		one.site.write({ '../both.yaml': `targets:\n${targetOf('one', one.site)}${targetOf('two', two.site)}` });
		const before = await two.site.snapshot();
		const said = await one.site.backout(
			...['--config', 'both.yaml', 'run', 'rollback-commit', '--input', 'commit=HEAD~1'],
			...['--targets', 'one,two', '--yes'],
		);
		expect(said.text).toMatch(/✗ one {2}.*verification did not pass.*\n· two {2}not begun/);
		expect(said.code, said.text).toBe(5);
		expect(await one.site.git('rev-parse', 'HEAD')).toBe(one.older);
		expect(await two.site.git('rev-parse', 'HEAD')).toBe(two.newest);
		expect(await two.site.snapshot()).toEqual(before);
		// Each has a commit of its own to go back to.
		expect(said.text).toMatch(new RegExp(`differs:\\n {2}one: ${one.older}.*\\n {2}two: ${two.older}`));
	});
});
