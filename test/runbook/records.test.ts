import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type * as z from 'zod';
import { copyEntries } from '../../src/runbook/shapes/journal-copy.ts';
import { plan } from '../../src/runbook/shapes/plan.ts';
import { readRecord } from '../../src/runbook/shapes/read-record.ts';
import { capturedReadings, runVerdict } from '../../src/runbook/shapes/run.ts';
import { patience, runs } from '../fuzz/runs.ts';
import { run } from '../report/fixture.ts';

vi.setConfig({ testTimeout: patience });

const { id, who, reason, startedAt, ...state } = run;
/** A record of each kind that is kept, whole. */
const records: readonly { readonly name: string; readonly shape: z.ZodType; readonly whole: unknown }[] = [
	{ name: 'plan', shape: plan, whole: run.plan },
	{ name: 'verdict', shape: runVerdict, whole: run.verified },
	{ name: 'readings', shape: capturedReadings, whole: run.readings?.[0] },
	{
		name: 'copy',
		shape: copyEntries.plan,
		whole: { type: 'plan', at: 1, run: { id, plan: run.plan, who, reason, startedAt } },
	},
	{
		name: 'copied state',
		shape: copyEntries.state,
		whole: { type: 'state', at: 1, run: { ...state, plan: undefined } },
	},
].map((record) => ({ ...record, whole: JSON.parse(JSON.stringify(record.whole)) as unknown }));

/** Every path of a value, its own included. */
const pathsOf = (value: unknown): readonly (readonly string[])[] =>
	typeof value === 'object' && value !== null
		? [[], ...Object.entries(value).flatMap(([key, part]) => pathsOf(part).map((path) => [key, ...path]))]
		: [[]];

const changed = (value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown => {
	if (key === undefined) {
		return to;
	}
	const part = (value as Record<string, unknown>)[key];
	return Array.isArray(value)
		? value.map((one: unknown, index) => (String(index) === key ? changed(one, rest, to) : one))
		: { ...(value as object), [key]: changed(part, rest, to) };
};

test.each(records)('$name: a whole one is read as it is', ({ shape, whole }) => {
	expect(readRecord(shape, whole)).toEqual(whole);
});

test.each(records)(
	'$name: whatever is in the place of any part, what is read is of its shape or nothing',
	({ shape, whole }) => {
		fc.assert(
			fc.property(fc.constantFrom(...pathsOf(whole)), fc.jsonValue({ maxDepth: 3 }), (path, to) => {
				const read = readRecord(shape, changed(whole, path, to));
				if (read !== undefined) {
					expect(shape.safeParse(read).error?.issues ?? [], path.join('.')).toEqual([]);
				}
			}),
			runs(500),
		);
	},
);

test('what is damaged reads as the least that may be said of it', () => {
	const damaged = (path: string) => readRecord(plan, changed(run.plan, path.split('.'), 5));
	expect(damaged('risk')?.risk).toBe('destructive');
	expect(damaged('steps')).toBeUndefined();
	expect(damaged('steps.0')?.steps).toHaveLength(run.plan.steps.length);
	expect(damaged('preconditions.0.state')?.preconditions[0]?.state).toBe('unknown');
	expect(readRecord(runVerdict, { ...run.verified, verdict: 'good' })).toBeUndefined();
	expect(readRecord(plan, { ...run.plan, of: 'a later version' })).not.toHaveProperty('of');
});
