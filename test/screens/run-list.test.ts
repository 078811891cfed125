import { expect, it } from 'vitest';
import type { RunSummary } from '../../src/runbook/run.ts';
import { runListRows } from '../../src/screens/runs/run-list-rows.ts';
import { night } from './made-up.ts';

const run = (id: string, more: Partial<RunSummary>): RunSummary => ({
	id,
	procedure: 'engine-crash',
	title: id,
	who: { user: 'mara', machine: 'laptop' },
	reason: '',
	startedAt: night,
	endedAt: night + 60_000,
	state: 'succeeded',
	...more,
});

const rowOf = (runs: readonly RunSummary[], title: string) =>
	runListRows(runs, undefined, night, { width: 140, height: 20 })
		.map((row) => row.map(({ text }) => text).join(''))
		.find((row) => row.includes(title));

it.each([
	['passed', { verdict: 'passed' as const }, '✓'],
	['failed', { verdict: 'failed' as const }, '✗'],
	['not verified', {}, '?'],
	['a step failed', { state: 'failed' as const }, '✗'],
])('the sign before a run is that of the whole of it: %s', (title, more, sign) => {
	expect(rowOf([run(title, more)], title)?.trimStart()[0]).toBe(sign);
});

it.each(['laptop', 'vm'])(
	'has the whole title of a procedure at 120 columns, unless a reason is long: on %s',
	(machine) => {
		const title = 'Engine crash after a deployment';
		const row = (reason: string, width = 120) =>
			runListRows([run('the-id', { title, reason, who: { user: 'mara', machine } })], undefined, night, {
				width,
				height: 20,
			})[1]
				?.map(({ text }) => text)
				.join('');
		expect(row('')).toContain(`${title} `);
		// A reason has its share, and no more than it needs; the id comes after both.
		expect(row('orders are rejected')).toContain(`${title} `);
		expect(row('orders are rejected')).toContain('orders are rejected');
		expect(row('orders are rejected')).not.toContain('the-id');
		expect(row('orders are rejected since the weekend, all of them')).toContain('orders are rejected since');
		expect(row('orders are rejected since the weekend, all of them', 200)).toContain('the-id');
	},
);

it('says the day and the time zone of each start', () => {
	const [head] = runListRows([run('a', {})], undefined, night, { width: 140, height: 20 });
	expect(head?.map(({ text }) => text).join('')).toMatch(/STARTED UTC\S* /);
	expect(rowOf([run('a', {})], ' a ')).toMatch(/\d+ \w{3} \d\d:\d\d/);
});

it('a run says that it was undone, and when', () => {
	const runs = [
		run('way-back', { procedure: 'undo', from: 'rolled-back', startedAt: night + 120_000, verdict: 'passed' }),
		run('rolled-back', { verdict: 'passed' }),
	];
	expect(rowOf(runs, 'rolled-back')).toMatch(/undone \d\d:\d\d/);
	expect(rowOf(runs, 'way-back')).not.toContain('undone');
	expect(
		rowOf(
			[run('half', { procedure: 'undo', from: 'rolled-back', state: 'failed' }), run('rolled-back', {})],
			'rolled-back',
		),
	).not.toContain('undone');
});

it('an empty list says whether nothing was run, or nothing matches', () => {
	const said = (filter: string) =>
		runListRows([], undefined, night, { width: 80, height: 20 }, { filter })
			.flat()
			.map(({ text }) => text)
			.join('');
	expect(said('')).toContain('Nothing has been run here yet.');
	expect(said('undo')).toContain('nothing matches');
});

it('a run on another host has its name before the reason', () => {
	expect(rowOf([run('the-run', { node: 'ops@m2', reason: 'orders rejected' })], 'the-run')).toContain(
		'on ops@m2. orders rejected',
	);
});
