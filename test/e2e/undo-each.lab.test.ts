import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, hostExec, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { deployedState } from './deployed-state.ts';

/** The live database: its tables and how many rows they hold. */
const database = async () =>
	(
		await hostExec(`docker exec postgres psql -X -A -t -U postgres -d abstractfinance -c "
			SELECT relname, (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || quote_ident(relname) || CASE relname WHEN 'orders' THEN ' WHERE broker_id <= 100500' ELSE '' END, false, true, '')))[1]
			FROM pg_stat_user_tables WHERE relname <> 'nav_history' ORDER BY 1" </dev/null`)
	).stdout;

interface Case {
	readonly procedure: string;
	readonly fault?: FaultName;
	/** The input's value, from what is known of the lab and the choices offered. */
	readonly input?: (info: LabInfo, place: Workplace) => Promise<Record<string, string>>;
}

const previousCommit = async (info: LabInfo) => ({ commit: info.goodCommits.at(-2)?.hash ?? '' });

/** The first choice that is neither what is there now nor known to be bad. */
const firstOf =
	(procedure: string, name: string) =>
	async (_info: LabInfo, place: Workplace): Promise<Record<string, string>> => {
		const [offer] = (await place.run('inputs', procedure, '--json')).json() as unknown as {
			inputs: { name: string; choices: { value: string; marks: string[] }[] }[];
		}[];
		const choices = offer?.inputs.find((input) => input.name === name)?.choices ?? [];
		const other = choices.find(({ marks }) => !marks.includes('current') && !marks.includes('bad'));
		return { [name]: other?.value ?? '' };
	};

const cases: readonly Case[] = [
	{ procedure: 'rollback-commit', input: previousCommit },
	{ procedure: 'rollback-image', fault: 'crash-commit', input: firstOf('rollback-image', 'image') },
	{ procedure: 'failed-deployment', fault: 'two-crash-commits' },
	{ procedure: 'config-error', fault: 'env-broken', input: firstOf('config-error', 'source') },
	{ procedure: 'database-restore', fault: 'migration-failed' },
];

describe.skipIf(withoutLab)('every procedure that replaces something is undone, and the host is what it was', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
		// What is compared here is the host, not how long it holds; a broken state is found broken soon enough.
		place.write('short.yaml', 'extends: abstractfinance\nverification: { settle: 3s, deadline: 25s }\n');
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test.each(cases)('$procedure', async ({ procedure, fault, input }) => {
		const info = fault === undefined ? readLabInfo() : await breakLab(fault);
		if (fault === undefined) {
			// Compose leaves a service's dependencies out of its hash with --no-deps; a rollback recreates it so.
			await hostExec('docker compose up -d --no-deps --no-build --force-recreate trading-engine');
			await hostExec(
				'until [ "$(docker inspect -f "{{.State.Health.Status}}" abstractfinance-trading-engine-1)" = healthy ]; do sleep 0.2; done',
			);
		}
		const [before, rows] = [await deployedState(), await database()];
		const inputs = Object.entries((await input?.(info, place)) ?? {}).flatMap(([name, value]) => [
			'--input',
			`${name}=${value}`,
		]);
		const confirmed = ['--yes', '--confirm', 'lab', '--reason', 'drill'];
		const run = await place.run('run', procedure, ...inputs, ...confirmed);
		expect(run.code, run.stdout + run.stderr).toBe(0);
		expect(await deployedState()).not.toBe(before);

		const undone = await place.run('undo', 'last', ...confirmed);
		// Going back to what was broken verifies as broken: 5 is the truth then.
		expect(undone.code, undone.stdout + undone.stderr).toBe(fault === undefined ? 0 : 5);
		expect(await deployedState()).toBe(before);
		expect(await database()).toBe(rows);
	});
});
