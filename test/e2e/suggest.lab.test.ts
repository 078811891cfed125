import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { suggests } from './suggests.ts';

describe.skipIf(withoutLab)('the scenario that fits is suggested, with what was seen', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo());
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test.each<[FaultName, string, RegExp]>([
		['engine-stopped', 'start-trading', /was stopped \(trading-engine is exited\)/],
		['crash-commit', 'engine-crash', /restarting.*the log says (KeyError|Traceback)/],
		['gateway-lost', 'gateway-restart', /IB connection: the newest line/],
		['gateway-never', 'gateway-restart', /not connected/],
		['env-unreadable', 'config-error', /does not parse.*\.env/],
		['env-broken', 'config-error', /could not convert string to float/],
		['migration-failed', 'database-restore', /schema|database/],
	])('%s: %s', async (fault, procedure, why) => {
		await breakLab(fault);
		await suggests(place.start('status', '--watch', '--json'), procedure, why);
	});

	test('nothing while all is well', async () => {
		const status = await place.run('status', '--json');
		expect(status.json().at(-1)).not.toHaveProperty('suggestion');
	});
});
