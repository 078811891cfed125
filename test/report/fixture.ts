import type { CapturedReadings } from '../../src/runbook/captured-readings.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import { buildReport, type ReportParts } from '../../src/runbook/report/build-report.ts';
import type { Report } from '../../src/runbook/report/report.ts';
import type { Run, RunVerdict } from '../../src/runbook/run.ts';
import { sanitiseText } from '../../src/terminal/sanitise.ts';

/** 2026-11-22 03:10:20 UTC. */
export const night = Date.UTC(2026, 10, 22, 3, 10, 20);

export const ana = { user: 'ana', machine: 'laptop' };

const [oldHash = '', newHash = ''] = ['a1', 'b2'].map((pair) => pair.repeat(20));

export const plan: Plan = {
	version: 1,
	procedure: 'rollback-commit',
	title: 'Roll back to a commit',
	when: 'The engine restarts.',
	risk: 'disruptive',
	target: 'production',
	host: 'root@host',
	directory: '/srv/app',
	project: 'app',
	madeAt: night - 5000,
	inputs: [
		{ name: 'commit', title: 'Commit', value: newHash, label: 'b2b2b2b', detail: 'Cap leverage' },
		{ name: 'api_token', title: 'Token', value: 'tok-very-secret', label: 'tok-very-secret', detail: '' },
	],
	environment: { directory: '/srv/app', api_token: 'tok-very-secret', db_password: 'hunter-two-two' },
	preconditions: [{ id: 'git', title: 'The work tree is free', state: 'passed', detail: 'no lock' }],
	previews: [],
	steps: [
		{ id: 'build', title: 'Build', kind: 'run', script: 'docker compose build\n', timeoutSeconds: 60 },
		{ id: 'switch', title: 'Switch', kind: 'run', script: 'echo "```"; docker compose up -d\n', timeoutSeconds: 60 },
	],
	interrupts: ['engine'],
	verification: { checks: ['health'], settleSeconds: 5, deadlineSeconds: 60 },
	notes: ['Tell the desk.'],
};

const observed = (
	moment: CapturedReadings['moment'],
	at: number,
	hash: string,
	image: string,
	id: string,
): CapturedReadings => ({
	moment,
	at,
	by: ana,
	seen: [
		{
			what: 'container engine',
			state: moment === 'before' ? 'down' : 'ok',
			said: 'restarting, 12 restarts',
			at,
			stale: false,
		},
	],
	containers: [
		{ service: 'engine', name: 'app-engine-1', id, image: 'engine:latest', imageId: image, status: 'running' },
	],
	commit: {
		hash,
		subject: hash === oldHash ? 'Trade faster' : 'Cap leverage',
		branch: 'main',
		changed: 0,
		untracked: 0,
	},
	...(moment === 'before' && { suspectedStart: { at: night - 600_000, why: 'alert EngineDown fires since' } }),
});

export const verdict: RunVerdict = {
	verdict: 'passed',
	at: night + 60_000,
	by: ana,
	reason: 'all checks held for 5 s',
	checks: [
		{
			id: 'health',
			title: 'Health endpoint',
			state: 'passed',
			reason: '200 in 12 ms',
			asked: 'GET http://127.0.0.1:8080/health',
			evidence: '200 after 12 ms: {"ok":true}',
			at: night + 59_000,
		},
	],
};

export const run: Run = {
	id: '20261122T031020Z-abcdef',
	plan,
	who: ana,
	reason: 'crash loop since 1.10.0',
	startedAt: night,
	endedAt: night + 30_000,
	exitCode: 0,
	state: 'succeeded',
	steps: [
		{ id: 'build', state: 'succeeded', startedAt: night + 1000, endedAt: night + 20_000, exitCode: 0 },
		{ id: 'switch', state: 'succeeded', startedAt: night + 20_000, endedAt: night + 30_000, exitCode: 0 },
	],
	outputBytes: 12,
	verified: verdict,
	verdicts: [verdict],
	readings: [
		observed('before', night - 1000, oldHash, 'sha256:1111111111111', 'c0ffee1111111'),
		observed('after', night + 61_000, newHash, 'sha256:2222222222222', 'c0ffee2222222'),
	],
	facts: {
		restore_point: '/var/lib/backout/x/restore',
		commit: oldHash,
		branch: 'main',
		database_dump: '/x/db.sql.gz',
	},
};

export const reportOf = (of: Run = run, more: Partial<ReportParts> = {}): Report =>
	buildReport({
		run: of,
		output: 'line one\nline two\n',
		outputLeftOut: false,
		runs: [],
		source: { from: 'host', asOf: night + 90_000 },
		now: night + 90_000,
		lines: 200,
		clean: sanitiseText,
		...more,
	});
