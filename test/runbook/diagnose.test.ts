import { describe, expect, test } from 'vitest';
import type { CheckState, Verification } from '../../src/runbook/check.ts';
import { diagnose, type Symptoms } from '../../src/runbook/diagnose.ts';
import { type CommitReading, type ContainerReading, type Reading, unread } from '../../src/runbook/reading.ts';
import type { SuggestionCondition } from '../../src/runbook/runbook.ts';

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
	diagnose(suggestions, { ...nothing, containers, verification: checks })?.procedure;
const nothing: Symptoms = {
	containers: reading(container({})),
	verification: undefined,
	health: [],
	logErrors: unread(0),
	commit: unread(0),
	now,
};

describe('a suggestion', () => {
	test('none while all is well', () => {
		expect(about(reading(container({})), verification('gateway', 'passed'))).toBeUndefined();
	});

	test('the first that fits, with what was seen', () => {
		const symptoms = {
			...nothing,
			containers: reading(container({ status: 'restarting', restarts: 4, state: 'down' })),
			verification: verification('gateway', 'unknown'),
		};
		expect(diagnose(suggestions, symptoms)).toEqual({
			procedure: 'engine-crash',
			why: 'The engine crashes (engine is restarting, restarted 4 times)',
		});
		expect(diagnose(suggestions, { ...symptoms, verification: verification('gateway', 'failed') })?.procedure).toBe(
			'gateway-restart',
		);
	});

	test('all that fit, in the order of the runbook, each once', () => {
		const symptoms = {
			...nothing,
			containers: reading(container({ status: 'restarting', restarts: 4, state: 'down' })),
			verification: verification('gateway', 'failed'),
		};
		expect(diagnose([...suggestions, ...suggestions], symptoms)).toEqual({
			procedure: 'gateway-restart',
			why: 'The gateway is lost (Gateway: lost)',
			others: [{ procedure: 'engine-crash', why: 'The engine crashes (engine is restarting, restarted 4 times)' }],
		});
	});

	test('another service than those named restarts', () => {
		const besides = (...containers: ContainerReading[]) =>
			diagnose([{ procedure: 'all', why: '', when: { restartingBesides: ['engine', 'gateway'] } }], {
				...nothing,
				containers: reading(...containers),
			})?.why;
		const down = { status: 'restarting', restarts: 5, state: 'down' } as const;
		expect(besides(container(down), container({ service: 'gateway', ...down }), container({ service: 'web' }))).toBe(
			undefined,
		);
		expect(besides(container({}), container({ service: 'web', ...down }))).toBe('web is restarting, restarted 5 times');
		// Stopped by somebody.
		expect(besides(container({ service: 'web', status: 'exited', exitCode: 0, state: 'down' }))).toBe(undefined);
	});

	test.each<[Partial<ContainerReading>, string | undefined]>([
		[{ state: 'warn', restarts: 2 }, 'engine-crash'],
		[{ state: 'down', health: 'unhealthy' }, 'look'],
		[{ state: 'warn', health: 'starting' }, undefined],
		[{ status: 'exited', exitCode: 0 }, undefined],
		[{ status: 'exited', exitCode: 1, state: 'down' }, 'engine-crash'],
		[{ status: 'exited', exitCode: 143, state: 'down' }, undefined],
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

const why = (when: SuggestionCondition, symptoms: Partial<Symptoms>) =>
	diagnose([{ procedure: 'mend', why: '', when }], { ...nothing, ...symptoms })?.why;

describe('what a condition sees', () => {
	test('a service that was stopped, and not one that crashed or has another container that runs', () => {
		const when = { stopped: 'engine' };
		const still = container({ status: 'exited', exitCode: 0, state: 'down' });
		expect(why(when, { containers: reading(still) })).toBe('engine is exited');
		expect(why(when, { containers: reading({ ...still, exitCode: 1 }) })).toBeUndefined();
		expect(why(when, { containers: reading({ ...still, state: 'ok' }) })).toBeUndefined();
		expect(why(when, { containers: reading(still, container({ id: 'b' })) })).toBeUndefined();
		expect(why(when, { containers: reading() })).toBeUndefined();
	});

	test('a line of what a check rests on, also of one that passed', () => {
		const when = { evidence: { check: 'containers', matches: 'file cannot be read' } };
		const checks = verification('containers', 'passed');
		const seen = {
			...checks,
			checks: checks.checks.map((check) => ({
				...check,
				evidence: 'engine: running\nthe Compose File cannot be read (x)',
			})),
		};
		expect(why(when, { verification: seen })).toBe('Gateway: the Compose File cannot be read (x)');
		expect(why(when, { verification: checks })).toBeUndefined();
	});

	test('what a health endpoint answers, while that is fresh', () => {
		const when = { body: { endpoint: 'engine', matches: '"database": ?"failing"' } };
		const answer = (text: string, at = now): Symptoms['health'] => [
			{
				name: 'engine',
				reading: { value: { status: 503, history: [], body: text }, state: 'down', at, maxAgeMs: 5000 },
			},
		];
		expect(why(when, { health: answer('{"database": "failing"}') })).toBe('engine answers {"database": "failing"}');
		expect(why(when, { health: answer('{"database": "ok"}') })).toBeUndefined();
		expect(why(when, { health: answer('{"database": "failing"}', now - 6000) })).toBeUndefined();
	});

	test('the newest error line of the log, for three minutes', () => {
		const when = { error: 'traceback' };
		const log = (...history: number[]): Symptoms['logErrors'] => ({
			value: { perMinute: history.at(-1) ?? 0, history, lastLine: 'Traceback (most recent call last):' },
			state: 'warn',
			at: now,
			maxAgeMs: 15_000,
		});
		expect(why(when, { logErrors: log(0, 0, 2, 0, 0) })).toBe('the log says Traceback (most recent call last):');
		expect(why(when, { logErrors: log(0, 2, 0, 0, 0) })).toBeUndefined();
		expect(why({ error: 'other' }, { logErrors: log(2) })).toBeUndefined();
	});

	test('all of its parts, or nothing', () => {
		const when = { stopped: 'engine', failed: 'gateway' };
		const containers = reading(container({ status: 'exited', exitCode: 0, state: 'down' }));
		expect(why(when, { containers, verification: verification('gateway', 'failed') })).toBe(
			'engine is exited; Gateway: lost',
		);
		expect(why(when, { containers, verification: verification('gateway', 'passed') })).toBeUndefined();
	});
});

describe('what verification said of the deployed commit', () => {
	const commit = (more: Partial<CommitReading>): Reading<CommitReading> => ({
		value: { hash: 'a'.repeat(40), subject: '', committedAt: 0, changed: 0, untracked: 0, ...more },
		state: 'ok',
		at: now,
		maxAgeMs: 10_000,
	});
	const good = 'b'.repeat(40);
	const why = (when: SuggestionCondition, symptoms: Partial<Symptoms>) =>
		diagnose([{ procedure: 'back', why: '', when }], { ...nothing, ...symptoms })?.why;

	test('it has not passed, and another one has', () => {
		const said = (more: Partial<CommitReading>) => why({ commit: 'unproven' }, { commit: commit(more) });
		expect(said({ lastGood: good })).toBe('aaaaaaaaa has not passed verification, bbbbbbbbb has passed it');
		expect(said({ lastGood: good, verified: 'bad' })).toMatch(/has failed verification/);
		expect(said({ verified: 'good', lastGood: 'a'.repeat(40) })).toBeUndefined();
		expect(said({})).toBeUndefined();
		expect(why({ commit: 'unproven' }, { commit: { ...commit({ lastGood: good }), at: 1 } })).toBeUndefined();
	});

	test('it has passed, but with another image than the one that runs', () => {
		const said = (more: Partial<CommitReading>) => why({ rebuilt: 'engine' }, { commit: commit(more) });
		const image = `sha256:${'c'.repeat(64)}`;
		expect(said({ verified: 'good', goodImages: [image] })).toMatch(/^image 1 runs, cccccccccccc of the same commit/);
		expect(said({ verified: 'good', goodImages: [image, 'sha256:1'] })).toBeUndefined();
		expect(said({ verified: 'good', goodImages: [] })).toBeUndefined();
		expect(said({ goodImages: [image] })).toBeUndefined();
	});

	test.each<[Partial<ContainerReading>, boolean]>([
		[{}, true],
		[{ health: 'unhealthy', state: 'down' }, true],
		[{ restarts: 1 }, false],
		[{ status: 'restarting', state: 'down' }, false],
		[{ status: 'exited', state: 'down' }, false],
	])('%j runs without a restart: %s', (more, holds) => {
		const said = why({ running: 'engine' }, { containers: reading(container(more)) });
		expect(said !== undefined).toBe(holds);
	});
});
