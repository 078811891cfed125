import { describe, expect } from 'vitest';
import { sshdMissing } from '../ssh/sshd.ts';
import { crashes } from './harness/files.ts';
import { type KillAt, onHost, openSshd, release, startAndKill, watches } from './harness/guarding.ts';
import { test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

/** From the start of the command to the end of the rollback. */
const moments: readonly (KillAt & { readonly when: string; readonly started: boolean | undefined })[] = [
	{ when: 'at once', afterMs: 0, started: false },
	{ when: 'while it connects', afterMs: 700, started: undefined },
	{ when: 'when it has planned', output: /Guarding/, started: undefined },
	{ when: 'while it starts the run', output: /Guarding/, afterMs: 200, started: undefined },
	{ when: 'when the run has started', output: /attach \d{8}T/, started: true },
	{ when: 'at the first look', output: watches, started: true },
	{ when: 'a second later', output: watches, afterMs: 1000, started: true },
	{ when: 'when a check fails', output: /\d\d:\d\d:\d\d failing/, started: true },
	{ when: 'when the guard acts', output: /The rollback follows/, started: true },
	{ when: 'during the rollback', output: /The rollback follows/, afterMs: 1500, started: true },
];

interface Listed {
	readonly id: string;
	readonly guard?: true;
	readonly state: string;
}
const guards = async (site: Site): Promise<readonly Listed[]> =>
	(await site.backout('runs', '--json')).text
		.split('\n')
		.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Listed] : []))
		.filter(({ guard }) => guard === true);
const moves = async (site: Site) => (await site.git('reflog')).split('\n').length;

describe.skipIf(withoutEngine ?? sshdMissing())('a guard on the host, when the CI runner is killed', () => {
	test('rolls a bad release back once, or has not begun: at ten moments, with sshd restarted each time', {
		tags: 'long',
		timeout: 1_500_000,
	}, async ({ openSite, onTestFinished }) => {
		const { site, first, newest } = await release(openSite, crashes);
		let sshd = await openSshd(site);
		onTestFinished(() => sshd.stop());
		const found: string[] = [];
		for (const { when, started, ...at } of moments) {
			const [before, earlier] = [await moves(site), await guards(site)];
			const { text } = await startAndKill(site, onHost(first, 120), at);
			await sshd.stop();
			sshd = await openSshd(site);
			const runs = (await guards(site)).filter(({ id }) => !earlier.some((one) => one.id === id));
			expect(runs.length, `${when}: ${text}`).toBeLessThanOrEqual(1);
			const [run] = runs;
			if (started !== undefined) {
				expect(run !== undefined, `${when}: ${text}`).toBe(started);
			}
			if (run === undefined) {
				expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
				found.push(`${when}: not started`);
				continue;
			}
			const attached = await site.backout('attach', run.id);
			expect(attached.code, `${when}: ${attached.text}`).toBe(1);
			expect(attached.text).toMatch(/rolled back and verified: failed for \d+ s/);
			expect(await site.git('rev-parse', 'HEAD'), attached.text).toBe(first);
			// It has moved HEAD once.
			expect(await moves(site), attached.text).toBe(before + 1);
			found.push(`${when}: rolled back once`);
			await site.git('reset', '-q', '--hard', newest);
			await site.deploy();
		}
		expect(found).toHaveLength(10);
		process.stderr.write(`${found.join('\n')}\n`);
	});
});
