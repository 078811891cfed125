import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';

describe.skipIf(withoutEngine || process.getuid?.() !== 0)('a deployment of another user, looked after by root', () => {
	test('is rolled back and taken back; its files stay the owner’s', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		await site.sh('chown -R nobody . && while [ "$PWD" != /tmp ]; do chmod a+rx . && cd ..; done');
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		expect(await site.sh('find . ! -user nobody | head')).toBe('');
	});
});
