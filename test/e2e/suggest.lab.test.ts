import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Running, type Workplace, withoutLab } from './backout.ts';

interface Status {
	suggestion?: { procedure: string; why: string };
}

/** What `status --watch` says last, once it suggests this procedure. */
const suggests = async (watching: Running, procedure: string): Promise<string> => {
	const stdout = await watching.until((text) => text.includes(`"suggestion":{"procedure":"${procedure}"`));
	const said = stdout
		.split('\n')
		.filter((line) => line.endsWith('}'))
		.map((line) => JSON.parse(line) as Status)
		.findLast(({ suggestion }) => suggestion?.procedure === procedure);
	watching.kill('SIGINT');
	await watching.ended;
	return said?.suggestion?.why ?? '';
};

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
		expect(await suggests(place.start('status', '--watch', '--json'), procedure)).toMatch(why);
	});

	test('nothing while all is well', async () => {
		const status = await place.run('status', '--json');
		expect(status.json().at(-1)).not.toHaveProperty('suggestion');
	});
});
