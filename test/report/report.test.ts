import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { reportMarkdown } from '../../src/runbook/report/report-markdown.ts';
import type { Run, RunState } from '../../src/runbook/run.ts';
import { ana, night, plan, reportOf, run } from './fixture.ts';

const published = z.fromJSONSchema(
	JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'report.schema.json'), 'utf8')),
);

describe('the report of a run that ended well', () => {
	const report = reportOf();
	const text = reportMarkdown(report);

	test('says who, when in UTC, why, and what came of it', () => {
		expect(text).toContain('# Roll back to a commit on production');
		expect(text).toContain('| **Who** | ana@laptop |');
		expect(text).toContain('| **Why** | crash loop since 1.10.0 |');
		expect(text).toContain('| **Began** | 2026-11-22 03:10:20 UTC |');
		expect(text).toContain('2026-11-22 03:10:50 UTC, after 30.0 s');
		expect(text).toContain('All steps done and verified.');
		expect(text).toContain('| **Suspected start** | 2026-11-22 03:00:20 UTC: alert EngineDown fires since |');
	});

	test('has the timeline in order, from the suspected start to the verdict', () => {
		const moments = report.timeline.map(({ what }) => what);
		expect(moments).toEqual([
			'Suspected start: alert EngineDown fires since',
			'The plan was made',
			'Confirmed by ana@laptop',
			'The run began: Roll back to a commit',
			'Step 1 began: Build',
			'Step 1 done, exit code 0: Build',
			'Step 2 began: Switch',
			'Step 2 done, exit code 0: Switch',
			'The run ended: all steps done',
			'Verification passed, by ana@laptop: all checks held for 5 s',
		]);
	});

	test('says what changed, from and to', () => {
		expect(report.changes).toEqual([
			{
				kind: 'commit',
				what: 'commit (was on main)',
				from: `${'a1'.repeat(20)} Trade faster`,
				to: `${'b2'.repeat(20)} Cap leverage`,
			},
			{ kind: 'image', what: 'engine', from: 'engine:latest 111111111111', to: 'engine:latest 222222222222' },
			{
				kind: 'container',
				what: 'engine (app-engine-1) was recreated',
				from: 'c0ffee111111 running',
				to: 'c0ffee222222 running',
			},
			{ kind: 'database', what: 'database dump', to: '/x/db.sql.gz' },
		]);
	});

	test('shows what was seen, what was run, the evidence of each check, the output, and the way back', () => {
		expect(text).toContain('| container engine | down | restarting, 12 restarts |');
		expect(text).toContain('````sh\necho "```"; docker compose up -d\n````');
		expect(text).toContain('### Health endpoint: passed');
		expect(text).toContain('200 after 12 ms: {"ok":true}');
		expect(text).toContain('```text\nline one\nline two\n```');
		expect(text).toContain('backout undo 20261122T031020Z-abcdef');
		expect(text).toContain('- Tell the desk.');
	});

	test('holds no secret of the plan, wherever it came to stand', () => {
		const leaky = reportOf(
			{
				...run,
				reason: 'the token is tok-very-secret',
				facts: { ...run.facts, note: 'hunter-two-two' },
				plan: {
					...plan,
					steps: [{ ...plan.steps[0], script: 'curl -H "x: tok-very-secret"' } as (typeof plan.steps)[0]],
				},
			},
			{ output: 'logging in with hunter-two-two\nDB_PASSWORD=other-secret\n' },
		);
		for (const form of [JSON.stringify(leaky), reportMarkdown(leaky)]) {
			expect(form).not.toMatch(/tok-very-secret|hunter-two-two|other-secret/);
			expect(form).toContain('••••');
		}
	});
});

describe('any run', () => {
	const bare: Run = { ...run, steps: [], readings: undefined, verified: undefined, verdicts: undefined, facts: {} };
	const states: readonly RunState[] = ['running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'lost', 'unknown'];
	const variants: readonly [string, Run][] = [
		...states.map((state): [string, Run] => [state, { ...run, state }]),
		...states.map((state): [string, Run] => [
			`${state}, nothing known`,
			{ ...bare, state, endedAt: undefined, exitCode: undefined },
		]),
		[
			'damaged',
			{ ...bare, state: 'lost', damaged: 'cannot be read: its plan', plan: { ...plan, steps: [], madeAt: 0 } },
		],
		['pruned', { ...bare, pruned: { at: night + 1e9, why: 'older than 90 days' } }],
	];

	test.each(variants)('%s: its JSON is what the published schema says', (_name, of) => {
		const json: unknown = JSON.parse(JSON.stringify(reportOf(of)));
		expect(published.safeParse(json).error).toBeUndefined();
	});

	test.each(variants)('%s: its Markdown says how it stands', (_name, of) => {
		const text = reportMarkdown(reportOf(of));
		expect(text).toContain('| **Outcome** |');
		expect(text).toContain('## How to undo');
	});

	test('the published schema refuses what is no report', () => {
		expect(published.safeParse({ ...reportOf(), state: 'rolled back' }).success).toBe(false);
		expect(published.safeParse({ ...reportOf(), more: 1 }).success).toBe(false);
	});

	test('a failed one says at which step, a cancelled one by whom', () => {
		const steps = run.steps.map((step, index) => ({
			...step,
			state: index === 1 ? ('failed' as const) : step.state,
			exitCode: index,
		}));
		expect(reportOf({ ...run, state: 'failed', exitCode: 1, steps }).outcome).toBe('Failed at step 2 (Switch).');
		const cancelled = reportOf({ ...bare, state: 'cancelled', cancelledBy: { user: 'ben', machine: 'desk' } });
		expect(cancelled.outcome).toBe('Cancelled by ben@desk.');
	});

	test('one that was never verified is never called verified', () => {
		expect(reportOf(bare).outcome).toBe('All steps done, not verified.');
		expect(reportMarkdown(reportOf(bare))).toContain('Nobody has verified this run.');
	});

	test('of a copy says that it is one, and how old', () => {
		const text = reportMarkdown(
			reportOf(run, {
				source: { from: 'copy', asOf: night + 40_000, note: 'The host could not be reached: timed out.' },
			}),
		);
		expect(text).toContain('From the copy on this machine');
		expect(text).toContain('2026-11-22 03:11:00 UTC');
		expect(text).toContain('timed out');
	});

	test('names the runs that undo it or go on with it', () => {
		const other = { who: ana, reason: '', state: 'succeeded' as const, startedAt: night + 100_000, title: 'Undo it' };
		const report = reportOf(run, {
			runs: [
				{ ...other, id: '20261122T031200Z-000001', procedure: 'undo', from: run.id },
				{ ...other, id: '20261122T031300Z-000002', procedure: 'rollback-commit', from: run.id },
				{ ...other, id: '20261122T031400Z-000003', procedure: 'rollback-commit' },
			],
		});
		expect(report.related.map(({ run: id, relation }) => [id.slice(-1), relation])).toEqual([
			['1', 'undone-by'],
			['2', 'gone-on-with-by'],
		]);
		expect(report.undo.why).toContain('undone already');
		expect(report.timeline.at(-1)?.what).toContain('20261122T031300Z-000002');
	});

	test('tells when the clocks differ, and orders by the host’s', () => {
		const shift = 3_600_000;
		const [before] = run.readings ?? [];
		const report = reportOf({
			...run,
			readings: before ? [{ ...before, at: night - shift, suspectedStart: undefined }] : [],
			plan: { ...plan, madeAt: night - shift - 4000 },
		});
		expect(report.clockDifferenceSeconds).toBe(3600);
		expect(report.timeline.slice(0, 3).map(({ what }) => what)).toEqual([
			'The plan was made',
			'Confirmed by ana@laptop',
			'The run began: Roll back to a commit',
		]);
		expect(reportMarkdown(report)).toContain('3600 s ahead of');
	});
});

test('the number of lines is a limit, and what is left out is said', () => {
	const many = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
	const { output } = reportOf(run, { output: many, lines: 3 });
	expect(output.lines).toEqual(['line 47', 'line 48', 'line 49']);
	expect(output.leftOut).toBe(true);
});
