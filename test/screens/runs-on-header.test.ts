import { expect, it } from 'vitest';
import type { CommitReading, Reading } from '../../src/runbook/reading.ts';
import type { RunSummary } from '../../src/runbook/run.ts';
import { headerRows } from '../../src/screens/dashboard/header-rows.ts';
import { runsOnHeader } from '../../src/screens/runs/runs-on-header.ts';
import type { ProcedureSummary } from '../../src/stores/workspace.ts';
import { createFakeWorkspace } from './fake-workspace.ts';
import { checks, night } from './made-up.ts';

const run = (more: Partial<RunSummary>): RunSummary => ({
	id: 'a',
	procedure: 'disable-trading',
	title: 'Disable trading',
	who: { user: 'mara', machine: 'laptop' },
	reason: '',
	startedAt: night,
	state: 'succeeded',
	...more,
});

const { workspace } = createFakeWorkspace();
const procedures = [{ id: 'disable-trading', stops: true }, { id: 'engine-crash' }] as unknown as ProcedureSummary[];

const second = (runs: readonly RunSummary[], width = 140) =>
	headerRows(
		{
			target: workspace.target,
			link: workspace.readings.link.get(),
			verification: checks(night, ['health']),
			commit: workspace.readings.commit.get(),
			lock: undefined,
			...runsOnHeader(runs, procedures),
		},
		night,
		width,
	)[1]
		?.map(({ text }) => text)
		.join('');

it('says that checks fail on purpose after a procedure that stops something, until the next run', () => {
	expect(second([run({})])).toMatch(/✗ 1 of 5 checks failed {2}stopped on purpose by Disable trading/);
	expect(second([run({ procedure: 'engine-crash' }), run({})])).not.toContain('on purpose');
	expect(second([run({ state: 'failed' })])).not.toContain('on purpose');
	expect(second([])).not.toContain('on purpose');
});

it('says that a version is deployed again which was rolled back, also where there is no git', () => {
	const block = { run: 'a', at: night, until: night + 1, by: 'mara@laptop', reason: '', images: [] };
	const read = { state: 'warn', at: night, maxAgeMs: 60_000, reason: 'deployed again' } as const;
	const withCommit = (commit: Reading<CommitReading>) =>
		headerRows(
			{
				target: workspace.target,
				link: workspace.readings.link.get(),
				verification: checks(night, ['health']),
				commit,
				lock: undefined,
			},
			night,
			80,
		)[1]
			?.map(({ text }) => text)
			.join('');
	const value = { ...workspace.readings.commit.get().value, blocked: block } as CommitReading;
	expect(withCommit({ ...workspace.readings.commit.get(), ...read, value })).toContain('is deployed again');
	expect(withCommit({ ...read, value: undefined })).toContain('a version that was rolled back is deployed again');
	expect(withCommit(workspace.readings.commit.get())).not.toContain('rolled back');
});

it('says that a run is going on, and the key that shows it', () => {
	const going = run({ state: 'running', procedure: 'engine-crash', title: 'Engine crash' });
	expect(second([going])).toContain('running: Engine crash (r)');
	expect(second([going], 80)).toContain('running: Engine crash (r)');
	const waits = { step: 2, title: 'Log in', text: '' } as unknown as NonNullable<RunSummary['waits']>;
	expect(second([{ ...going, waits }])).toContain('a run waits for you (r)');
	expect(second([{ ...going, waits }])).not.toContain('running:');
});

it('names as many checks as it counts, the unknown ones only where none failed', () => {
	const all = checks(night, ['health']);
	const withUnknown = {
		...all,
		checks: all.checks.map((check) => (check.id === 'gateway' ? { ...check, state: 'unknown' as const } : check)),
	};
	const said = (verification: typeof all) =>
		headerRows(
			{
				target: workspace.target,
				link: workspace.readings.link.get(),
				verification,
				commit: workspace.readings.commit.get(),
				lock: undefined,
			},
			night,
			140,
		)[1]
			?.map(({ text }) => text)
			.join('');
	expect(said(withUnknown)).toMatch(/✗ 1 of 5 checks failed {2}health /);
	const passed = withUnknown.checks.map((check) =>
		check.state === 'failed' ? { ...check, state: 'passed' as const } : check,
	);
	expect(said({ ...withUnknown, verdict: 'unknown', checks: passed })).toMatch(/\? 1 of 5 checks unknown {2}gateway /);
});
