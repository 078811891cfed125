import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, type FaultName, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { deployedState } from './deployed-state.ts';

/** The live database: its tables and how many rows they hold. */
const database = async () =>
	(
		await hostExec(`docker exec postgres psql -X -A -t -U postgres -d abstractfinance -c "
			SELECT relname, (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || quote_ident(relname) || '', false, true, '')))[1]
			FROM pg_stat_user_tables ORDER BY 1" </dev/null`)
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

const confirmed = ['--yes', '--confirm', 'lab', '--reason', 'drill'];

const cases: readonly Case[] = [
	{ procedure: 'config-error', fault: 'env-broken', input: firstOf('config-error', 'source') },
	{ procedure: 'rollback-image', fault: 'crash-commit', input: firstOf('rollback-image', 'image') },
	{ procedure: 'rollback-commit', input: previousCommit },
	{ procedure: 'failed-deployment', fault: 'two-crash-commits' },
	{ procedure: 'database-restore', fault: 'table-dropped' },
];

describe.skipIf(withoutLab)('every procedure that replaces something is undone, and the host is what it was', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
		// This test compares the host, without a settling time.
		place.write(
			'short.yaml',
			'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 3 }\nverification: { deadline: 60s }\n',
		);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	/** To the end of its steps: what was broken is broken again, and a verdict would only come at its deadline. */
	const undoLast = async () => {
		const undone = await place.run('undo', 'last', ...confirmed, '--detach', '--json');
		expect(undone.code, undone.stdout + undone.stderr).toBe(0);
		const id = String(undone.json().at(-1)?.run);
		await hostExec(
			'until [ -e "$1" ]; do sleep 0.2; done',
			[join(place.folder, 'state', 'runs', id, 'result')],
			120_000,
		);
		const [last] = (await place.run('runs', '--json')).json();
		expect(last).toMatchObject({ id, state: 'succeeded' });
	};

	const undoes = async ({ procedure, fault, input }: Case) => {
		const info = fault === undefined ? readLabInfo() : await breakLab(fault);
		const [before, rows] = [await deployedState(), await database()];
		const inputs = Object.entries((await input?.(info, place)) ?? {}).flatMap(([name, value]) => [
			'--input',
			`${name}=${value}`,
		]);
		const run = await place.run('run', procedure, ...inputs, ...confirmed);
		expect(run.code, run.stdout + run.stderr).toBe(0);
		expect(await deployedState()).not.toBe(before);

		await undoLast();
		expect(await deployedState()).toBe(before);
		expect(await database()).toBe(rows);
	};
	// In the short form, by-keys.lab.test.ts undoes a run of the lab, and test/engine runs of each kind.
	test.each(cases)('$procedure', { tags: 'long' }, undoes);

	const refused = async (why: RegExp) => {
		const before = await deployedState();
		const undone = await place.run('undo', 'last', ...confirmed);
		expect(undone.stderr).toMatch(why);
		expect(undone.stderr).toContain('nothing was changed');
		expect(undone.code).toBe(4);
		expect(await deployedState()).toBe(before);
	};
	const started = async (procedure: string): Promise<string> => {
		const run = await place.run('run', procedure, ...confirmed, '--json');
		expect(run.code, run.stdout + run.stderr).toBe(0);
		return String(run.json().at(-1)?.run);
	};

	test('a restart and the checklist replaced nothing: undo says so', { tags: 'long' }, async () => {
		await breakLab('gateway-lost');
		const lost = await deployedState();
		await started('gateway-restart');
		await refused(/IB Gateway does not connect.* cannot be undone: everything is as it was before/);
		expect(await deployedState()).toBe(lost);
		await started('pre-deploy-checklist');
		await refused(/cannot be undone: it only wrote copies, \.env\.backup\.\S+ and a dump in backups, and they stay/);
	});

	// Four runs one after the other.
	test('stop-everything and start-everything', { timeout: 600_000, tags: 'long' }, async () => {
		const running = await deployedState();
		const stop = await started('stop-everything');
		const stopped = await deployedState();
		expect(stopped).not.toBe(running);
		await started('start-everything');
		expect(await deployedState()).toBe(running);
		expect(await judge()).toMatchObject({ ok: true });
		// Nothing runs then, so no check can pass.
		expect((await place.run('undo', 'last', ...confirmed)).code).toBe(5);
		expect(await deployedState()).toBe(stopped);
		const back = await place.run('undo', stop, ...confirmed);
		expect(back.code, back.stdout + back.stderr).toBe(0);
		expect(await deployedState()).toBe(running);
	});

	test('cancelled orders stay cancelled; start-trading', { tags: 'long' }, async () => {
		const running = await deployedState();
		await started('cancel-all-orders');
		const still = await deployedState();
		await refused(/cannot be undone: the broker has cancelled the orders.*start-trading/);
		await started('start-trading');
		expect(await deployedState()).toBe(running);
		expect((await place.run('undo', 'last', ...confirmed)).code).toBe(5);
		expect(await deployedState()).toBe(still);
	});
});
