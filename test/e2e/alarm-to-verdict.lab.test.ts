import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { followSuggestion, type Way, withOneInput, withoutInput, withTwoInputs } from '../helpers/follow-suggestion.ts';
import type { Pty } from '../helpers/pty.ts';
import { breakLab, type FaultName, healLab, judge, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

interface Case extends Way {
	readonly fault: FaultName;
}

type Size = readonly [columns: number, rows: number];

const large: Size = [120, 40];
const small: Size = [80, 24];

const rolledBack = 'Rolled back and verified';
const engineCrash = {
	suggested: 'Engine crash after a deployment',
	why: /keeps restarting.*\(.*the log says (?:KeyError|Traceback).*\)/,
	keys: withOneInput,
	verdict: rolledBack,
};

const overrideBroken: Case = {
	fault: 'override-broken',
	suggested: 'Failed deployment',
	why: /another service is down \(.*cross-monitor: restarting.*\)/,
	keys: withOneInput,
	verdict: rolledBack,
};

const otherFaults: readonly Case[] = [
	{
		fault: 'gateway-lost',
		suggested: 'IB Gateway does not connect',
		why: /the gateway does not take requests \(.{10,}\)/,
		keys: withoutInput,
		verdict: 'Done and verified',
	},
	{ fault: 'crash-commit', ...engineCrash },
	{ fault: 'two-crash-commits', ...engineCrash },
	{ fault: 'origin-moved', ...engineCrash },
	{ fault: 'detached-tag', ...engineCrash },
	{
		fault: 'half-recreated',
		suggested: 'Failed deployment',
		why: /stopped half-way.*\(.*trading-engine: created.*\)/,
		keys: withOneInput,
		verdict: rolledBack,
	},
	{
		fault: 'engine-stopped',
		suggested: 'Start trading again',
		why: /was stopped \(trading-engine is exited\)/,
		keys: withoutInput,
		verdict: 'Done and verified',
	},
	{
		fault: 'env-broken',
		suggested: 'Configuration error',
		why: /with its settings \(.*MODE must be paper or live.*\)/,
		keys: withOneInput,
		verdict: 'Done and verified',
	},
	{
		fault: 'table-dropped',
		suggested: 'Database migration failed',
		why: /tables are missing \(.*positions.*\)/,
		keys: withTwoInputs('lab', 'a table is gone'),
		verdict: rolledBack,
	},
];

describe.skipIf(withoutLab)('from the alarm to the verdict by what is suggested, in six keys at most', () => {
	let place: Workplace | undefined;
	let pty: Pty | undefined;

	/** A config for the lab as it is now: a release by tag has other Compose files than a branch. */
	const openPlace = (): Workplace => {
		const opened = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
		// This is about the keys, not about the settling time.
		opened.write(
			'short.yaml',
			'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 3, gateway_patience: 60 }\nverification: { deadline: 3m }\n',
		);
		return opened;
	};

	beforeAll(() => healLab());
	afterEach(async () => {
		await pty?.close();
		pty = undefined;
		place?.remove();
		place = undefined;
		await healLab();
	});

	const solve = async ({ fault, ...way }: Case, [columns, rows]: Size) => {
		await breakLab(fault);
		place = openPlace();
		pty = place.open([], { columns, rows });
		await followSuggestion(pty, way, 300_000);
		expect((await judge()).findings.filter(({ ok }) => !ok)).toEqual([]);
	};
	const title = '$fault: $keys end with “$verdict”';
	// At each push dashboard.lab.test.ts and test/demo/alarm-to-verdict.test.ts play the like of it.
	const long = { tags: 'long', timeout: 600_000 };
	test.each([overrideBroken, ...otherFaults])(`at 120×40, ${title}`, long, (one) => solve(one, large));
	test.each([overrideBroken, ...otherFaults])(`at 80×24, ${title}`, long, (one) => solve(one, small));
});
