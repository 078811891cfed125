import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serves } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

/** A program whose main process leaves another one in the background, and ends: to Docker, it has done its work. */
const forks = '(sleep 600 &)\necho in the background\n';

const versions = (site: Site, policy: string, programs: Readonly<Record<string, string>>) =>
	twoVersions(site, (version) => ({
		'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n  worker: { build: { context: ., dockerfile: worker.Dockerfile }, ${policy}, stop_grace_period: 2s }\n`,
		'worker.Dockerfile': `FROM ${baseImage}\nLABEL test.version=${version}\nCOPY worker.sh /app.sh\nCMD ["sh", "/app.sh"]\n`,
		'worker.sh': programs[version] ?? '',
	}));

describe.skipIf(withoutEngine)('a service that ran, and whose main process ends with 0 in the older version,', () => {
	const isNotVerified = async (policy: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const first = await versions(site, policy, { 1: forks, 2: serves });
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => ['worker has ended']);
		expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'not verified']);
		expect(judged.text).toContain('worker ran before, and has ended with exit code 0');
		expect(judged.undo, judged.text).toBe('verified');
	};

	test('is not taken for a finished job', ({ openSite }) => isNotVerified('restart: on-failure', { openSite }));
	test('is not where it is never restarted', { tags: 'long' }, ({ openSite }) =>
		isNotVerified('restart: "no"', { openSite }),
	);

	test('is one where it had ended before, too', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await versions(site, 'restart: "no"', { 1: 'echo done\n', 2: 'echo done as well\n' });
		await site.deploy();
		await site.docker('wait', `${site.token}-worker-1`);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], () => [], {
			jobs: ['worker'],
		});
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});
});

describe.skipIf(withoutEngine)('a job that fills a volume', () => {
	test('is named by an undo that has not run it again', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, (version) => ({
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["assets:/assets:ro"], depends_on: { assets: { condition: service_completed_successfully } } }\n  assets: { build: { context: ., dockerfile: assets.Dockerfile }, volumes: ["assets:/assets"] }\nvolumes: { assets: {} }\n',
			'assets.Dockerfile': `FROM ${baseImage}\nLABEL test.version=${version}\nCMD ["sh", "-c", "echo ${version} >/assets/version"]\n`,
		}));
		await site.deploy();
		const assets = async () => (await site.docker('exec', `${site.token}-web-1`, 'cat', '/assets/version')).trim();
		const there = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect([there.code, await assets()], there.text).toEqual([0, '1']);
		const back = await site.backout('undo', 'last', '--yes');
		expect(back.code, back.text).toBe(0);
		expect(await assets()).toBe('1');
		expect(back.text).toContain('not run again, though the undone run had run it in another version: assets');
		await site.compose('up', '-d');
		expect(await assets()).toBe('2');
	});
});
