import { afterEach, expect, test } from 'vitest';
import { type IncidentName, incidentNames, incidentOf } from '../../demo/deployment/incidents.ts';
import { followSuggestion, type Way, withOneInput, withoutInput, withTwoInputs } from '../helpers/follow-suggestion.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { backout } from './demo.ts';

interface Case extends Way {
	readonly incident: IncidentName;
	readonly procedure: string;
	/** The size at which each push plays it; the long form of the tests plays it at the other one. */
	readonly size: readonly [number, number];
}

const large = [120, 40] as const;
const small = [80, 24] as const;

const cases: readonly Case[] = [
	{
		incident: 'crash',
		procedure: 'engine-crash',
		suggested: 'Engine crash after a deployment',
		why: /keeps restarting.*\(.*the log says KeyError: 'target_vol'\)/,
		keys: withOneInput,
		verdict: 'Rolled back and verified',
		size: small,
	},
	{
		incident: 'failed-deployment',
		procedure: 'failed-deployment',
		suggested: 'Failed deployment',
		why: /another service is down \(.*grafana: restarting.*\)/,
		// Everything that will be recreated, not the engine alone.
		plan: /Services interrupted +grafana, trading-engine/,
		keys: withOneInput,
		verdict: 'Rolled back and verified',
		size: large,
	},
	{
		incident: 'config',
		procedure: 'config-error',
		suggested: 'Configuration error',
		why: /does not start with its settings \(.*invalid literal for int\(\).*\)/,
		keys: withOneInput,
		verdict: 'Done and verified',
		size: small,
	},
	{
		incident: 'database',
		procedure: 'database-restore',
		suggested: 'Database migration failed',
		why: /tables are missing \(.*accounts positions\)/,
		keys: withTwoInputs('demo', 'a migration failed'),
		verdict: 'Rolled back and verified',
		size: large,
	},
	{
		incident: 'gateway',
		procedure: 'gateway-restart',
		suggested: 'IB Gateway does not connect',
		why: /the gateway does not take requests \(.{10,}\)/,
		keys: withoutInput,
		verdict: 'Done and verified',
		size: small,
	},
];

let pty: Pty | undefined;
afterEach(async () => {
	await pty?.close();
	pty = undefined;
});

const solve = async ({ incident, ...way }: Case, [columns, rows]: readonly [number, number]) => {
	pty = startInPty(process.execPath, [backout, 'demo', incident], { columns, rows });
	await followSuggestion(pty, way);
};

/** Those that differ little from others: a rollback is played by by-keys.test.ts, what has no input by dashboard.lab.test.ts. */
const isLong = ({ incident }: Case): boolean => incident !== 'database';
const title = '$incident: $keys end with “$verdict”';

test.each(cases.filter((one) => !isLong(one)))(title, (one) => solve(one, one.size), 400_000);

test.each(cases.filter(isLong))(title, { tags: 'long', timeout: 400_000 }, (one) => solve(one, one.size));

test.each(cases)('$incident at the other size: $keys end with “$verdict”', { tags: 'long', timeout: 400_000 }, (one) =>
	solve(one, one.size === small ? large : small),
);

test('every incident is played, by the procedure that solves it', () => {
	expect(cases.map(({ incident, procedure }) => [incident, procedure])).toEqual(
		incidentNames.map((name) => [name, incidentOf(name)?.procedure]),
	);
});
