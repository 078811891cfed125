import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { outcome } from '../../src/commands/history.ts';
import { type HeadMove, type HistorySources, historyOf, type MadeContainer } from '../../src/runbook/history.ts';
import type { RunSummary } from '../../src/runbook/run.ts';

const minute = 60_000;
const start = 1_800_000_000_000;
const at = (minutes: number) => start + minutes * minute;

const move = (minutes: number, commit: string, how = 'pull: Fast-forward'): HeadMove => ({
	commit: commit.repeat(40),
	at: at(minutes),
	by: 'deploy',
	how,
	subject: `version ${commit}`,
});
const made = (minutes: number, service: string, image: string): MadeContainer => ({
	service,
	image: `${service}:${image}`,
	imageId: `sha256:${image.repeat(64)}`,
	createdAt: at(minutes),
});
const run = (minutes: number, more: Partial<RunSummary> = {}): RunSummary => ({
	id: `run-${minutes}`,
	procedure: 'rollback-commit',
	title: 'Roll back to a commit',
	who: { user: 'mara', machine: 'laptop' },
	reason: 'health fails',
	startedAt: at(minutes),
	endedAt: at(minutes + 3),
	state: 'succeeded',
	...more,
});
const history = (sources: Partial<HistorySources>) =>
	historyOf({
		moves: [],
		containers: [],
		runs: [],
		deployedBy: new Map(),
		deploying: new Set(['rollback-commit', 'with-lock']),
		verdicts: new Map(),
		...sources,
	});

test('a pull and the containers that follow it are one deployment, until the next', () => {
	const [now, before] = history({
		moves: [move(0, 'a'), move(60, 'b')],
		containers: [made(65, 'web', '2'), made(66, 'worker', '2')],
	});
	expect(now).toMatchObject({ at: at(65), source: 'git', commit: 'b'.repeat(40), subject: 'version b', by: 'deploy' });
	expect(now?.images.map(({ service }) => service)).toEqual(['web', 'worker']);
	expect(now?.until).toBeUndefined();
	expect(before).toMatchObject({ at: at(0), until: at(65), commit: 'a'.repeat(40), images: [] });
});

test('what happens during a run is that run, with its operator and its verdict', () => {
	const all = history({
		moves: [move(0, 'b'), move(31, 'a', 'reset: moving to a')],
		containers: [made(32, 'web', '1')],
		runs: [run(30, { verdict: 'passed' })],
	});
	expect(all).toHaveLength(2);
	expect(all[0]).toMatchObject({
		source: 'run',
		run: 'run-30',
		by: 'mara@laptop',
		reason: 'health fails',
		commit: 'a'.repeat(40),
		verdict: 'passed',
	});
	expect(all[0]?.images[0]?.imageId).toBe(`sha256:${'1'.repeat(64)}`);
	expect(all[1]).toMatchObject({ commit: 'b'.repeat(40), until: at(30) });
});

test('a run without checks says so, and does not take the verdict on its commit for its own', () => {
	const deployed = { procedure: 'with-lock', unchecked: true } as const;
	const sources = { moves: [move(1, 'b')], runs: [run(0, deployed)] };
	const [alone] = history(sources);
	expect(alone?.verdict).toBeUndefined();
	expect(alone && stripVTControlCharacters(outcome(alone))).toBe('steps done, no checks');
	const [judged] = history({ ...sources, verdicts: new Map([['b'.repeat(40), 'passed']]) });
	expect(judged).toMatchObject({ unchecked: true, verdict: 'passed', verdictOfCommit: true });
	expect(judged && stripVTControlCharacters(outcome(judged))).toBe('steps done, no checks; its commit passed');
	const [own] = history({ ...sources, runs: [run(0, { verdict: 'passed' })] });
	expect(own && stripVTControlCharacters(outcome(own))).toBe('verified');
	const [pulled] = history({ moves: [move(1, 'b')] });
	expect(pulled && stripVTControlCharacters(outcome(pulled))).toBe('not verified');
});

test('a run that deployed nothing is none, and one of long ago is known by what it is for', () => {
	expect(history({ runs: [run(0, { procedure: 'restart-service' }), run(9, { state: 'failed' })] })).toEqual([]);
	expect(history({ runs: [run(0)] })).toHaveLength(1);
	const noted = history({
		runs: [run(5, { procedure: 'with-lock' })],
		moves: [move(0, 'a')],
		deployedBy: new Map([['run-5', 'c'.repeat(40)]]),
	});
	expect(noted[0]?.commit).toBe('c'.repeat(40));
});

test('containers without a checkout are a deployment of the commit that was there', () => {
	const [now] = history({
		moves: [move(0, 'a')],
		containers: [made(1, 'web', '1'), made(200, 'worker', '2')],
	});
	expect(now).toMatchObject({ source: 'containers', how: 'created: worker', commit: 'a'.repeat(40), at: at(200) });
	expect(now?.by).toBeUndefined();
	expect(history({ containers: [made(1, 'web', '1')] })[0]).not.toHaveProperty('commit');
});

test('moves in quick succession count as the last, and a move to the same commit as none', () => {
	const quick = [
		move(0, 'a'),
		{ ...move(0, 'b'), at: at(0) + 1000 },
		move(10, 'b', 'checkout: moving from main to v2'),
	];
	expect(history({ moves: quick }).map(({ commit }) => commit?.[0])).toEqual(['b']);
});

test('the last verdict on a commit is that of a deployment that nobody verified', () => {
	const [now] = history({ moves: [move(0, 'a')], verdicts: new Map([['a'.repeat(40), 'failed']]) });
	expect(now?.verdict).toBe('failed');
});
