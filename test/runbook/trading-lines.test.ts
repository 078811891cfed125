import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/runbook/diagnose.ts';
import { unread } from '../../src/runbook/reading.ts';
import { monitorConfigs } from '../../src/services/monitors/monitor-configs.ts';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const read = (name: string) => {
	const file = join(import.meta.dirname, '..', '..', 'runbooks', `${name}.yaml`);
	return { text: readFileSync(file, 'utf8'), file };
};
const { text, file } = read('abstractfinance');
const runbook = loadRunbook(text, file, {
	readRunbook: read,
	target: { directory: '/srv/a', project: 'a' },
});
const { suggestions } = runbook;
const { log } = monitorConfigs(runbook);
const isError = (line: string): boolean =>
	new RegExp(log?.pattern ?? '', 'i').test(line) && !new RegExp(log?.except ?? '$.', 'i').test(line);

const alert = (code: number, words: string) =>
	`{"event_type": "alert", "alert_type": "ib_error", "severity": "error", "message": "IB Error ${code}: ${words}", "level": "error"}`;

test.each([
	['an attempt, before it is made', '{"event_type": "connect_attempt", "success": false, "level": "error"}'],
	['the end of its own connection', '{"event_type": "unexpected_disconnect", "success": false, "level": "error"}'],
	[
		'an alert that informs',
		'{"event_type": "alert", "severity": "info", "message": "Run completed", "level": "error"}',
	],
	['a data farm that is connected', alert(2104, 'Market data farm connection is OK:usfarm')],
	['one that is idle', alert(2108, 'Market data farm connection is inactive but should be available upon demand')],
])('%s is no error of the trading engine', (_, line) => expect(isError(line)).toBe(false));

test.each([
	['a login that was refused', alert(326, 'Unable to connect as the client id is already in use')],
	['a data farm that is broken', alert(2103, 'Market data farm connection is broken:usfarm')],
	['a run that has failed', "Error in scheduler loop: 'target_vol'"],
	['a traceback', 'Traceback (most recent call last):'],
])('%s is one', (_, line) => expect(isError(line)).toBe(true));

const ofSettings =
	suggestions.find(({ why }) => why === 'the engine does not start with its settings')?.when.error ?? '$.';

test.each([
	["ValueError: MODE must be paper or live, not 'papre'", true],
	["KeyError: 'TELEGRAM_BOT_TOKEN'", true],
	["ValueError: could not convert string to float: '0.2O'", true],
	["KeyError: 'grace_minutes'", false],
	["KeyError: 'EURUSD'", false],
	['ValueError: weights must sum to one', false],
])('%s: from a setting, %s', (line, is) => expect(new RegExp(ofSettings, 'iu').test(line)).toBe(is));

test('the engine and another service down: the whole deployment goes back, not the engine alone', () => {
	const now = Date.now();
	const down = (service: string) => ({
		...{ id: service, name: `${service}-1`, service, status: 'restarting' as const, restarts: 7, exitCode: 1 },
		...{ image: service, imageId: 'sha256:1', state: 'down' as const },
	});
	const suggested = (...services: readonly string[]) =>
		diagnose(suggestions, {
			containers: { value: services.map(down), state: 'down', at: now, maxAgeMs: 10_000 },
			verification: undefined,
			health: [],
			logErrors: unread(0),
			commit: unread(0),
			now,
		});
	expect(suggested('trading-engine', 'grafana')).toEqual({
		procedure: 'failed-deployment',
		why: expect.stringContaining('grafana is restarting, restarted 7 times'),
		others: [{ procedure: 'engine-crash', why: expect.stringContaining('trading-engine is restarting') }],
	});
	expect(suggested('trading-engine')?.procedure).toBe('engine-crash');
	// A service they need fails: rolling the code back would not help.
	expect(suggested('trading-engine', 'postgres')?.procedure).toBe('engine-crash');
});
