import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, hostExec, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { suggests } from './suggests.ts';

const agreed = ['--yes', '--reason', 'drill'];

describe.skipIf(withoutLab)('on the real server, the checks can tell', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo());
		place.write(
			'quick.yaml',
			'extends: abstractfinance\nvariables: { gateway_patience: 40 }\nverification: { settle: 6s, deadline: 2m }\n',
		);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test('asleep it is well: status and verify say so, and nothing is suggested', async () => {
		const status = await place.run('status', '--json');
		expect(status.code, status.stdout).toBe(0);
		expect(status.json().at(-1)).not.toHaveProperty('suggestion');
		const verify = await place.run('verify');
		expect(verify.code, verify.stdout).toBe(0);
	});

	test('a day on which it trades is well too, with its lines of level error', { tags: 'long' }, async () => {
		await healLab({ mode: 'trading' });
		const lines = await hostExec(
			`for try in $(seq 60); do docker logs trading-engine 2>&1 | grep -q "finished at" && break; sleep 1; done; docker logs trading-engine 2>&1 | grep -c '"level": "error"'`,
		);
		expect(Number(lines.stdout)).toBeGreaterThan(5);
		const verify = await place.run('verify');
		expect(verify.code, verify.stdout).toBe(0);
		expect((await place.run('status')).code).toBe(0);
	});

	type Case = readonly [FaultName, string, RegExp];
	const cases: readonly Case[] = [['override-broken', 'failed-deployment', /cross-monitor: restarting/]];
	const longCases: readonly Case[] = [
		['table-dropped', 'database-restore', /tables are missing: \w+/],
		['gateway-lost', 'gateway-restart', /does not take requests/],
		['wrong-password', 'config-error', /the login was refused: Invalid username or password/],
		['two-factor', 'gateway-restart', /second factor/],
		['config-broken', 'config-error', /settings/],
	];
	const isSuggested = async (fault: FaultName, procedure: string, why: RegExp) => {
		await breakLab(fault);
		await suggests(place.start('status', '--watch', '--json'), procedure, why);
	};
	test.each(cases)('%s: %s is suggested', isSuggested);
	test.each(longCases)('%s: %s is suggested', { tags: 'long' }, isSuggested);

	test('a run that fails is the engine, not the gateway', { tags: 'long' }, async () => {
		await healLab({ mode: 'trading' });
		await isSuggested('crash-in-run', 'engine-crash', /run of the engine has failed/);
	});

	test('gateway-restart ends with the login', async () => {
		await breakLab('gateway-lost');
		const run = await place.run('run', 'gateway-restart', ...agreed);
		expect(run.code, run.stdout).toBe(0);
		expect(run.stdout).toMatch(/ibgateway is logged in/);
	});

	test('where the login is refused it says at once why, with the last lines of the gateway', async () => {
		await breakLab('wrong-password');
		const run = await place.run('run', 'gateway-restart', ...agreed);
		expect(run.code, run.stdout).toBe(1);
		expect(run.stdout).toMatch(/the login was refused: Invalid username or password/);
		expect(run.stdout).toMatch(/the last lines of ibgateway:/);
		// Without the colours that the gateway writes.
		expect(run.stdout).not.toContain('\\x1b[');
	});
});
