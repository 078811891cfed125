import { describe, expect } from 'vitest';
import { sshdMissing } from '../ssh/sshd.ts';
import { crashes, serves } from './harness/files.ts';
import { guardAndKill, onHost, openSshd, release } from './harness/guarding.ts';
import { test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine ?? sshdMissing())('guard, where the host can ask all checks', () => {
	test('rolls a bad release back although the command was killed and sshd was restarted', async ({
		openSite,
		onTestFinished,
	}) => {
		const { site, first } = await release(openSite, crashes);
		const before = await openSshd(site);
		const run = await guardAndKill(site, first, 60);
		await before.stop();
		const sshd = await openSshd(site);
		onTestFinished(() => sshd.stop());
		const attached = await site.backout('attach', run);
		expect(await site.git('rev-parse', 'HEAD'), attached.text).toBe(first);
		expect(attached.text).toMatch(/The checks have failed for \d+ s: .*web (?:is restarting|was restarted just now)/);
		expect(attached.text).toContain('All checks of the host have passed for 3 s');
		expect(attached.text).toMatch(/rolled back and verified: failed for \d+ s/);
		expect(attached.code, attached.text).toBe(1);
		// Whoever attaches later sees the same.
		const again = await site.backout('attach', run);
		expect(again.code, again.text).toBe(1);
	});

	test('leaves a good one alone', { tags: 'long' }, async ({ openSite }) => {
		const { site, first, newest } = await release(openSite, serves);
		const guarded = await site.backout(...onHost(first, 8));
		expect(guarded.text).toContain('The host watches by itself, also when this command has ended');
		expect(guarded.text).toMatch(/healthy until the end/);
		expect(guarded.code, guarded.text).toBe(0);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});

	test("keeps nobody from the lock, and stands down for an operator's run", { tags: 'long' }, async ({ openSite }) => {
		const { site, first, newest } = await release(openSite, serves);
		const run = await guardAndKill(site, first, 60);
		const operator = await site.backout('run', 'restart-service', '--input', 'restarted=web', '--yes');
		expect(operator.code, operator.text).toBe(0);
		const attached = await site.backout('attach', run);
		expect(attached.text).toMatch(/The guard stands down: (somebody else has the lock|run .* has changed something)/);
		expect(attached.code, attached.text).toBe(4);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});
});
