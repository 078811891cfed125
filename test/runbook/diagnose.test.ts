import { describe, expect, test } from 'vitest';
import type { CheckState, Verification } from '../../src/runbook/check.ts';
import { diagnose } from '../../src/runbook/diagnose.ts';
import type { ContainerReading, Reading } from '../../src/runbook/reading.ts';

const now = 1_000_000;
const container = (more: Partial<ContainerReading>): ContainerReading => ({
	id: 'a',
	name: 'engine-1',
	service: 'engine',
	status: 'running',
	restarts: 0,
	image: 'engine',
	imageId: 'sha256:1',
	state: 'ok',
	...more,
});
const reading = (...value: ContainerReading[]): Reading<readonly ContainerReading[]> => ({
	value,
	state: 'ok',
	at: now,
	maxAgeMs: 10_000,
});
const verification = (id: string, state: CheckState): Verification => ({
	verdict: 'unknown',
	final: false,
	checks: [{ id, title: 'Gateway', state, reason: 'lost', asked: '', evidence: '', at: now }],
	startedAt: now,
	settleSeconds: 30,
	reason: '',
});
const suggestions = [
	{ procedure: 'gateway-restart', why: 'The gateway is lost', when: { failed: 'gateway' } },
	{ procedure: 'engine-crash', why: 'The engine crashes', when: { restarting: 'engine' } },
	{ procedure: 'look', why: '', when: { unhealthy: 'engine' } },
];
const about = (containers: Reading<readonly ContainerReading[]>, checks?: Verification) =>
	diagnose(suggestions, { containers, verification: checks, now })?.procedure;

describe('a suggestion', () => {
	test('none while all is well', () => {
		expect(about(reading(container({})), verification('gateway', 'passed'))).toBeUndefined();
	});

	test('the first that fits, with what was seen', () => {
		const symptoms = {
			containers: reading(container({ status: 'restarting', restarts: 4, state: 'down' })),
			verification: verification('gateway', 'unknown'),
			now,
		};
		expect(diagnose(suggestions, symptoms)).toEqual({
			procedure: 'engine-crash',
			why: 'The engine crashes (engine is restarting, restarted 4 times)',
		});
		expect(diagnose(suggestions, { ...symptoms, verification: verification('gateway', 'failed') })?.procedure).toBe(
			'gateway-restart',
		);
	});

	test.each<[Partial<ContainerReading>, string | undefined]>([
		[{ state: 'warn', restarts: 2 }, 'engine-crash'],
		[{ state: 'down', health: 'unhealthy' }, 'look'],
		[{ state: 'warn', health: 'starting' }, undefined],
		[{ status: 'exited', exitCode: 0 }, undefined],
		[{ status: 'exited', exitCode: 1, state: 'down' }, 'engine-crash'],
	])('%j: %s', (more, procedure) => {
		expect(about(reading(container(more)))).toBe(procedure);
	});

	test('a container that is gone counts as not running; one that is not known does not', () => {
		expect(about(reading())).toBe('engine-crash');
		expect(about({ ...reading(), state: 'unknown' })).toBeUndefined();
		expect(about({ ...reading(), at: now - 11_000 })).toBeUndefined();
		expect(about({ ...reading(), value: undefined })).toBeUndefined();
	});
});
