import { expect, it } from 'vitest';
import { historyOf } from '../../src/runbook/history.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import type { LockHolder } from '../../src/runbook/run.ts';
import { describedRows } from '../../src/screens/container/container-rows.ts';
import { headerRows } from '../../src/screens/dashboard/header-rows.ts';
import { refusal } from '../../src/screens/procedure/refusal.ts';
import { createFakeWorkspace } from './fake-workspace.ts';
import { checks, described, night } from './made-up.ts';
import { openApp } from './open-app.tsx';

const { workspace } = createFakeWorkspace();
const holder: LockHolder = {
	run: '20260101T000000Z-abcdef',
	who: { user: 'mara', machine: 'laptop' },
	since: night - 60_000,
	reason: '',
	procedure: 'rollback-image',
	node: 'node-1',
};

const header = (lock: LockHolder | undefined, link = workspace.readings.link.get()): string =>
	headerRows(
		{
			target: workspace.target,
			link,
			verification: checks(night, []),
			commit: workspace.readings.commit.get(),
			lock,
		},
		night,
		240,
	)
		.map((row) => row.map(({ text }) => text).join(''))
		.join('\n');

it('the header says which manager is asked, and why it is not the first', () => {
	const link = { ...workspace.readings.link.get(), host: 'ops@m2', instead: 'instead of ops@m1 (connection refused)' };
	const said = header(undefined, link);
	expect(said).toContain(`ops@m2:${workspace.target.directory}`);
	expect(said).toContain('▲ instead of ops@m1 (connection refused)');
	expect(header(undefined)).not.toContain('instead of');
});

it('the lock of a run on another manager is shown with its node, and as unknown while nobody hears from that', () => {
	expect(header(holder)).toContain('locked by mara@laptop: rollback-image on node-1 1m');
	expect(header({ ...holder, isUnheard: true })).toContain('on node-1, which is not heard of: unknown');
	const plan = { risk: 'disruptive', preconditions: [] } as unknown as Plan;
	const said = (lock: LockHolder) => refusal(plan, workspace.target, lock, night);
	expect(said(holder)).toContain(`(run ${holder.run} on node-1). It lives on node-1: watch it there.`);
	expect(said({ ...holder, isUnheard: true })).toContain('the state of that run is unknown until it is back');
	expect(said({ ...holder, isUnheard: true })).toContain(`If it is gone for good: backout unlock ${holder.run}`);
	const { node: _, ...here } = holder;
	expect(said(here)).toContain('Press a to watch it.');
});

it('the list of runs says whose runs are missing', async () => {
	const { terminal, fake } = await openApp();
	fake.stores.runs.set([]);
	fake.stores.runsMissing.set([{ host: 'ops@m1', reason: 'connection refused' }]);
	await terminal.waitFor('exit 1');
	await terminal.press('r');
	await terminal.waitFor('The runs of ops@m1 are missing: connection refused');
	await terminal.waitFor('Nothing has been run by way of the hosts that answer.');
});

it('a run on another manager is not taken for the checkout of the clone here', () => {
	const run = {
		id: 'there',
		procedure: 'undo',
		title: 'Undo',
		who: { user: 'mara', machine: 'laptop' },
		reason: '',
		startedAt: night,
		endedAt: night + 60_000,
		state: 'succeeded',
		node: 'ops@m2',
	} as const;
	const move = { commit: 'a'.repeat(40), at: night + 30_000, by: 'ana', how: 'pull', subject: 'New' };
	const sources = { containers: [], deployedBy: new Map(), deploying: new Set(['undo']), verdicts: new Map() };
	const [pulled, undone] = historyOf({ ...sources, moves: [move], runs: [run] });
	expect(pulled).toMatchObject({ source: 'git', commit: move.commit });
	expect(undone).toMatchObject({ source: 'run', run: 'there', node: 'ops@m2' });
	expect(undone).not.toHaveProperty('commit');
});

it('the page of a container says why its use is not known', () => {
	const [row] = workspace.readings.containers.get().value ?? [];
	if (row === undefined) {
		throw new Error('there is a container');
	}
	const said = (noUsage?: string) =>
		describedRows({ ...described(row, night), ...(noUsage !== undefined && { noUsage }) }, night, 200)
			.map((one) => one.map(({ text }) => text).join(''))
			.join('\n');
	expect(said('it is read on node-3 only')).toMatch(/CPU, memory +unknown: it is read on node-3 only/);
	expect(said()).not.toContain('CPU, memory');
});
