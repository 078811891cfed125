import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { noteVerdict, whyNotCondemned } from '../../src/application/runs/note-verdict.ts';
import type { Instance } from '../../src/engine/instance.ts';
import type { CapturedReadings } from '../../src/runbook/captured-readings.ts';
import type { CheckResult, Verification } from '../../src/runbook/check.ts';
import type { Run } from '../../src/runbook/run.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { readCommitMarks } from '../../src/services/runner/known-good/commits.ts';
import { readImageCommits, readImageMarks } from '../../src/services/runner/known-good/images.ts';
import { makeDeployment, who } from '../runner/fixture.ts';

const commit = 'c'.repeat(40);
const web = `sha256:${'1'.repeat(64)}`;
const database = `sha256:${'2'.repeat(64)}`;

/** A deployment whose containers were created at these times. */
const open = (created: readonly number[] = []) => {
	const deployment = makeDeployment();
	const host = new LocalHost();
	const containers = created.map((createdAt, at) => ({ id: `${at}`, service: 'web', createdAt }) as Instance);
	const session = {
		host,
		target: { name: 'test', project: 'app', ...deployment.where, runbook: { procedures: [] } },
		instances: { takeAll: async () => containers },
	} as unknown as Session;
	const close = async () => {
		await host.close();
		deployment.remove();
	};
	const run = (more: Partial<Run> = {}) =>
		({
			id: '20260101-000000-run',
			plan: deployment.plan([], { expects: { service: 'web', commit } }),
			endedAt: 10_000,
			facts: {},
			...more,
		}) as Run;
	return { session, run, close, deployment };
};

const failed = (title: string, reason: string) => ({ title, state: 'failed', reason }) as CheckResult;
const verification = (checks: readonly CheckResult[], more: Partial<Verification> = {}) =>
	({ verdict: 'failed', final: true, checks, reason: '', ...more }) as Verification;
const before = (what: string, said: string): readonly CapturedReadings[] => [
	{ moment: 'before', at: 1, by: who, seen: [{ what, state: 'down', said, at: 1, stale: false }] },
];

test('a check that had failed before the run for the same reason is held against nobody', async () => {
	const { session, run, close } = open();
	const readings = before('check Errors', '3 error lines since the start 40 s ago');
	const same = verification([failed('Errors', '5 error lines since the start 7 s ago')]);
	expect(await whyNotCondemned(session, run({ readings }), same)).toBe('the same checks had failed before the run');
	// Something else, or something more, is the version's own.
	const other = verification([failed('Errors', 'web has no container')]);
	expect(await whyNotCondemned(session, run({ readings }), other)).toBeUndefined();
	const more = verification([...same.checks, failed('Health', 'status 500 instead of 200')]);
	expect(await whyNotCondemned(session, run({ readings }), more)).toBeUndefined();
	expect(await whyNotCondemned(session, run(), same)).toBeUndefined();
	await close();
});

test('what failed after somebody has deployed something else is held against nobody', async () => {
	const later = open([2000, 60_000]);
	const checks = verification([failed('Health', 'status 500 instead of 200')]);
	expect(await whyNotCondemned(later.session, later.run(), checks)).toBe('web was recreated after the run had ended');
	await later.close();
	const same = open([2000, 9000]);
	expect(await whyNotCondemned(same.session, same.run(), checks)).toBeUndefined();
	await same.close();
});

test('only what is proven is noted', async () => {
	const { session, run, close, deployment } = open();
	const { host } = session;
	await noteVerdict(session, run(), { verdict: 'passed' }, 1);
	await noteVerdict(session, run(), { verdict: 'passed', proven: { images: [] } }, 1);
	expect([...(await readCommitMarks(host, deployment.where))]).toEqual([]);
	const images = [
		{ service: 'web', image: web, ofCommit: true },
		{ service: 'db', image: database, ofCommit: false },
	];
	await noteVerdict(session, run(), { verdict: 'passed', proven: { commit, images } }, 1);
	expect([...(await readCommitMarks(host, deployment.where))]).toEqual([[commit, 'good']]);
	expect([...(await readImageMarks(host, deployment.where))]).toEqual([[web, 'good']]);
	expect([...(await readImageCommits(host, deployment.where))]).toEqual([[web, new Set([commit])]]);
	await noteVerdict(session, run(), { verdict: 'failed', proven: { commit, images } }, 2);
	expect([...(await readCommitMarks(host, deployment.where))]).toEqual([[commit, 'bad']]);
	await close();
});
