import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';

const web = (more: string) => () => ({
	'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, ${more} }\n`,
});

describe.skipIf(withoutEngine)('a variable that nothing sets any more is not lost in silence', () => {
	test('where its env file is gone and may be missing', async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': 'production.env\n', 'production.env': 'DB_URL=postgres://production\n' });
		const first = await twoVersions(site, web('env_file: [{ path: production.env, required: false }]'));
		await site.deploy();
		await site.sh('rm production.env');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, () => ['it was made without DB_URL']);
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('refused');
		expect(judged.text).toContain('variable DB_URL of web would be gone: nothing sets it any more');
		expect(judged.text).toContain('--allow web:environment:DB_URL');
	});

	test('where only the login that deployed had it; allowed by name it is, and undo brings it back', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, web('environment: [DB_URL]'));
		await site.sh('DB_URL=postgres://production docker compose up -d --build');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const refused = await judgeRun(site, run, () => ['it was made without DB_URL']);
		expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
		const allowed = await judgeRun(site, [...run, '--allow', 'web:environment:DB_URL'], (now) =>
			now.containers.flatMap(({ version, env }) =>
				version === '1' && !env.join().includes('DB_URL=') ? [] : [env.join()],
			),
		);
		expect(allowed.findings, allowed.text).toEqual([]);
		expect([allowed.outcome, allowed.undo], allowed.text).toEqual(['verified', 'verified']);
		expect(runs({ web: '2' })(allowed.before, allowed.before)).toEqual([]);
	});
});
