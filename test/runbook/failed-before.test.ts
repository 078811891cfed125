import { expect, test } from 'vitest';
import type { CheckResult, CheckState } from '../../src/runbook/check.ts';
import { createFailedBefore } from '../../src/services/checks/failed-before.ts';

const result = (id: string, state: CheckState): CheckResult => ({
	id,
	title: id,
	state,
	reason: '',
	asked: '',
	evidence: '',
	at: 1,
});

const definitions = [
	{ id: 'containers', kind: 'containers' },
	{ id: 'health', kind: 'http' },
	{ id: 'gateway', kind: 'script' },
	{ id: 'errors', kind: 'log-errors' },
] as const;

test('what failed at the first look decides nothing alone, until it has passed once', () => {
	const before = createFailedBefore(definitions);
	expect([...before.look([result('gateway', 'failed'), result('errors', 'passed')])]).toEqual(['gateway']);
	expect([...before.look([result('gateway', 'failed'), result('errors', 'failed')])]).toEqual(['gateway']);
	expect([...before.look([result('gateway', 'passed')])]).toEqual([]);
	expect([...before.look([result('gateway', 'failed')])]).toEqual([]);
});

test('what was not known at first is looked at first later', () => {
	const before = createFailedBefore(definitions);
	before.look([result('gateway', 'unknown')]);
	expect([...before.look([result('gateway', 'failed')])]).toEqual(['gateway']);
});

test('containers that stopped before the deployment decide nothing, until something newer is wrong', () => {
	const before = createFailedBefore(definitions);
	const failed = [result('containers', 'failed')];
	expect([...before.look(failed, () => true)]).toEqual(['containers']);
	expect([...before.look(failed, () => false)]).toEqual([]);
	expect([...before.look(failed, () => true)]).toEqual(['containers']);
	expect([...before.look([result('containers', 'passed')], () => true)]).toEqual([]);
});

test('containers and endpoints count from the first look: a broken deployment shows in them at once', () => {
	const before = createFailedBefore(definitions);
	expect([...before.look([result('containers', 'failed'), result('health', 'failed')])]).toEqual([]);
});
