import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/runbook/report/report.ts';
import { breakLab, healLab, hostExec } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { hostState } from './host-state.ts';

describe.skipIf(withoutLab)('the report of a rollback on a real host', () => {
	let place: Workplace | undefined;

	afterAll(async () => {
		place?.remove();
		await healLab();
	});

	test('says what was seen, what changed from what to what, and what verification rests on; without secrets', {
		tags: 'long',
		timeout: 400_000,
	}, async () => {
		await healLab();
		const info = await breakLab('crash-commit');
		place?.remove();
		const work = createWorkplace(info, { runbook: './quick.yaml' });
		place = work;
		work.write('quick.yaml', 'extends: abstractfinance\nverification: { settle: 5s }\n');
		const bad = (await hostExec('git rev-parse HEAD')).stdout.trim();
		const good = info.goodCommits.at(-1)?.hash ?? '';
		const refused = await work.run('--read-only', 'run', 'engine-crash', '--yes', '--reason', 'crash loop');
		expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('read-only')]);
		expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(bad);
		const run = await work.run('run', 'engine-crash', '--yes', '--reason', 'crash loop');
		expect(run.code, run.stdout + run.stderr).toBe(0);

		const before = await hostState();
		const json = await work.run('--read-only', 'report', 'last', '--format', 'json');
		expect(json.code).toBe(0);
		const report = json.json()[0] as unknown as Report;
		expect(report.outcome).toBe('All steps done and verified.');
		expect(report.reason).toBe('crash loop');
		expect(report.before?.seen.find(({ what }) => what === 'container trading-engine')?.state).not.toBe('ok');
		expect(report.after?.seen.find(({ what }) => what === 'container trading-engine')).toMatchObject({ state: 'ok' });
		const commit = report.changes.find(({ kind }) => kind === 'commit');
		expect(commit?.from?.slice(0, 40)).toBe(bad);
		expect(commit?.to?.slice(0, 40)).toBe(good);
		expect(commit?.to?.slice(41)).toBe(info.goodCommits.at(-1)?.subject);
		expect(report.changes.find(({ kind, what }) => kind === 'image' && what === 'trading-engine')).toBeDefined();
		expect(
			report.changes.some(({ kind, what }) => kind === 'container' && /^trading-engine .*was recreated$/.test(what)),
		).toBe(true);
		expect(report.verification?.verdict).toBe('passed');
		expect(report.verification?.checks.map(({ state }) => state)).toEqual(
			report.verification?.checks.map(() => 'passed'),
		);
		expect(report.steps.every(({ startedAt, endedAt, exitCode }) => startedAt && endedAt && exitCode === 0)).toBe(true);
		expect(report.undo).toMatchObject({ possible: true, command: `backout undo ${report.run}` });

		const markdown = await work.run('report', report.run.slice(-6));
		expect(markdown.stdout).toContain(`on ${report.target}`);
		expect(markdown.stdout).toContain('## Timeline (UTC)');
		const secrets = (await hostExec("sed -n 's/^[A-Z_]*\\(PASSWORD\\|TOKEN\\|SECRET\\)[A-Z_]*=//p' .env")).stdout
			.split('\n')
			.filter((value) => value.length >= 6);
		expect(secrets.length).toBeGreaterThan(0);
		for (const secret of secrets) {
			expect(json.stdout).not.toContain(secret);
			expect(markdown.stdout).not.toContain(secret);
		}
		expect(await hostState()).toBe(before);
	});
});
