import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { suggests } from './suggests.ts';

// Those of the gateway and of the database are in real-gateway.lab.test.ts.
describe.skipIf(withoutLab)('the scenario that fits is suggested, with what was seen', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo());
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	type Case = readonly [FaultName, string, RegExp];
	const cases: readonly Case[] = [['crash-commit', 'engine-crash', /restarting.*the log says (KeyError|Traceback)/]];
	const longCases: readonly Case[] = [
		['engine-stopped', 'start-trading', /was stopped \(trading-engine is exited\)/],
		['env-broken', 'config-error', /MODE must be paper or live/],
		['gateway-never', 'gateway-restart', /the gateway does not take requests/],
		['env-unreadable', 'config-error', /does not parse.*\.env/],
	];
	const isSuggested = async (fault: FaultName, procedure: string, why: RegExp) => {
		await breakLab(fault);
		await suggests(place.start('status', '--watch', '--json'), procedure, why);
	};
	test.each(cases)('%s: %s', isSuggested);
	test.each(longCases)('%s: %s', { tags: 'long' }, isSuggested);

	test('nothing while all is well', async () => {
		const status = await place.run('status', '--json');
		expect(status.json().at(-1)).not.toHaveProperty('suggestion');
	});
});
