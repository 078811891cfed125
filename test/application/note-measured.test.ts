import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { noteMeasured } from '../../src/application/runs/note-measured.ts';
import { measuredBefore } from '../../src/application/watching/measured-before.ts';
import type { CheckResult } from '../../src/runbook/check.ts';
import type { Run } from '../../src/runbook/run.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { makeDeployment, who } from '../runner/fixture.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	await Promise.all(closing.splice(0).map((close) => close()));
});

const open = (): Session => {
	const deployment = makeDeployment();
	const host = new LocalHost();
	closing.push(async () => {
		await host.close();
		deployment.remove();
	});
	const compares = { kind: 'query', against: 'before' };
	const checks = [
		{ id: 'slow', title: 'Response time', ...compares },
		{ id: 'errors', title: 'Errors', ...compares },
		{ id: 'alone', title: 'Alone', kind: 'query' },
		{ id: 'page', title: 'Page', kind: 'http' },
	];
	const runbook = { procedures: [], checks };
	return { host, target: { name: 'test', project: 'app', ...deployment.where, runbook } } as unknown as Session;
};

const check = (id: string, more: Partial<CheckResult>): CheckResult => ({
	id,
	title: id,
	state: 'passed',
	reason: '',
	asked: '',
	evidence: '',
	at: 1000,
	...more,
});
const signal = new AbortController().signal;

test('what a verification measured when it passed is what later ones are compared with', async () => {
	const session = open();
	const before = measuredBefore(session);
	expect(await before('slow', signal)).toBeUndefined();
	const values = [
		check('slow', { measured: 0.25 }),
		check('errors', { measured: 1e-7 }),
		check('alone', { measured: 3 }),
		check('page', {}),
	];
	await noteMeasured(session, 'run-1', { verdict: 'passed', checks: values });
	expect(await before('slow', signal)).toEqual({ value: 0.25, at: 1000, when: 'when run run-1 was verified' });
	expect(await before('errors', signal)).toMatchObject({ value: 1e-7 });
	expect(await before('page', signal)).toBeUndefined();
	expect(await before('alone', signal)).toBeUndefined();
	await noteMeasured(session, 'run-2', { verdict: 'passed', checks: [check('slow', { measured: 0.5, at: 2000 })] });
	expect(await before('slow', signal)).toMatchObject({ value: 0.5, at: 2000 });
	expect(await before('errors', signal)).toMatchObject({ value: 1e-7 });
});

test('a verification of no run counts, too; where nothing compares, and on a read-only target, nothing is written', async () => {
	const session = open();
	await noteMeasured(session, undefined, { verdict: 'passed', checks: [check('alone', { measured: 1 })] });
	await noteMeasured({ ...session, readOnly: true }, undefined, {
		verdict: 'passed',
		checks: [check('slow', { measured: 1 })],
	});
	expect(existsSync(session.target.state ?? '')).toBe(false);
	await noteMeasured(session, undefined, { verdict: 'passed', checks: [check('slow', { measured: 1 })] });
	expect(await measuredBefore(session)('slow', signal)).toEqual({ value: 1, at: 1000, when: 'when it was verified' });
});

test('a verification that failed, or is unknown for another reason, is no measure', async () => {
	const session = open();
	const bad = check('slow', { measured: 9, state: 'failed' });
	await noteMeasured(session, 'run-1', { verdict: 'failed', checks: [bad] });
	const unknown = check('page', { state: 'unknown' });
	const first = check('slow', { measured: 9, state: 'unknown', inconclusive: 'nothing-before' });
	await noteMeasured(session, 'run-2', { verdict: 'unknown', checks: [first, unknown] });
	expect(await measuredBefore(session)('slow', signal)).toBeUndefined();
	// Everything else passed: this is the first value there is.
	await noteMeasured(session, 'run-3', { verdict: 'unknown', checks: [first, check('page', {})] });
	expect(await measuredBefore(session)('slow', signal)).toMatchObject({ value: 9 });
});

test('without such a verification, the reading before the run counts, unless it was bad then', async () => {
	const session = open();
	const readings = (state: 'ok' | 'down' | 'unknown'): Pick<Run, 'readings'> => ({
		readings: [
			{
				moment: 'before',
				at: 1,
				by: who,
				seen: [{ what: 'check Response time', state, said: '0.3', measured: 0.3, at: 500, stale: false }],
			},
		],
	});
	expect(await measuredBefore(session, readings('unknown'))('slow', signal)).toEqual({
		value: 0.3,
		at: 500,
		when: 'before this run',
	});
	expect(await measuredBefore(session, readings('down'))('slow', signal)).toBeUndefined();
});
