import { expect, test, vi } from 'vitest';
import { planText } from '../../src/commands/plan-text.ts';
import { reportMarkdown } from '../../src/runbook/report/report-markdown.ts';
import type { StepKind } from '../../src/runbook/step-kinds/index.ts';
import { foldRows } from '../../src/screens/folds/fold.ts';
import { planFolds } from '../../src/screens/procedure/plan-rows.ts';
import { run as example } from '../report/fixture.ts';

// The promise of CONTRIBUTING: a kind of step is one file and one line of the table. The file is `pause` below, the line is in the mock.
vi.mock('../../src/runbook/step-kinds/index.ts', async (original) => {
	const table = await original<typeof import('../../src/runbook/step-kinds/index.ts')>();
	const { defineStepKind } = await import('../../src/runbook/step-kinds/step-kind.ts');
	const pause = defineStepKind({
		about: 'a pause',
		supervised: 'wait',
		label: 'pause',
		keys: ({ duration }) => ({ pause: duration().optional().describe('Wait that long') }),
		build: (entry) => ({ script: '', timeoutMs: entry.pause ?? 0 }),
		limit: (step, duration) => `pauses ${duration(step.timeoutSeconds * 1000)}`,
		estimate: () => 'limit',
	});
	Object.assign(table.stepKinds, { pause });
	return table;
});

const text = `
title: A deployment
procedures:
  slow:
    title: Slowly
    risk: disruptive
    steps:
      - { id: first, title: Let it settle, pause: 90s }
      - { id: second, title: Look, run: 'true' }
`;

const load = async (runbook: string) => {
	const { loadRunbook } = await import('../../src/services/runbook-file/load-runbook.ts');
	return loadRunbook(runbook, 'runbook.yaml', { readRunbook: () => undefined });
};

/** A plan with a step of the new kind. */
const paused = async () => {
	const [first] = (await load(text)).procedures[0]?.steps ?? [];
	if (first === undefined) {
		throw new Error('no step');
	}
	const { timeoutMs, ...step } = first;
	return { ...example.plan, steps: [{ ...step, timeoutSeconds: timeoutMs / 1000 }] };
};
const added = 'pause' as StepKind;

test('the runbook takes it, and says its name where a step has none or two', async () => {
	expect((await load(text)).procedures[0]?.steps).toMatchObject([
		{ kind: added, timeoutMs: 90_000, script: '' },
		{ kind: 'run', script: 'true' },
	]);
	await expect(load(text.replace(', pause: 90s', ''))).rejects.toThrow(
		'a step has one of: run, script, wait, manual, pause',
	);
	await expect(load(text.replace('pause: 90s', 'pause: 90s, run: x'))).rejects.toThrow('here are run and pause');
	await expect(load(text.replace('90s', 'soon'))).rejects.toThrow('expected a duration');
});

test('the published schemas have it', async () => {
	const { publishedSchemas } = await import('../../src/commands/output/publish.ts');
	const schemas = publishedSchemas();
	expect(schemas['runbook.schema.json']).toContain('Wait that long');
	for (const file of ['output.schema.json', 'report.schema.json']) {
		expect(schemas[file]).toContain('"pause"');
		expect(schemas[file]).toContain('or a pause');
	}
});

test('a plan shows it on the screen and as text, a report tells of it, and a record of it is read', async () => {
	const plan = await paused();
	const shown = foldRows(planFolds(plan, { width: 80 }), new Set()).map(({ row }) =>
		row.map((part) => part.text).join(''),
	);
	expect(shown.find((row) => row.includes('Let it settle'))).toContain('pause, pauses 1m');
	expect(planText(plan)).toContain('pause, at most 90 s');
	const { buildReport } = await import('../../src/runbook/report/build-report.ts');
	const { expectedLength } = await import('../../src/runbook/step-durations.ts');
	const parts = { run: { ...example, plan }, output: '', outputLeftOut: false, runs: [], now: 0, lines: 0 };
	const report = buildReport({ ...parts, source: { from: 'host', asOf: 0 }, clean: (line) => line });
	expect(report.steps[0]?.kind).toBe(added);
	expect(reportMarkdown(report)).toContain(', pause');
	expect(expectedLength(plan.steps)).toBe(90_000);
	const { readRecord } = await import('../../src/runbook/shapes/read-record.ts');
	const shapes = await import('../../src/runbook/shapes/plan.ts');
	expect(readRecord(shapes.plan, JSON.parse(JSON.stringify(plan)))?.steps[0]?.kind).toBe(added);
});

test('the host is told how to run it, and a running one counts down on the screen', async () => {
	const plan = await paused();
	const { runFiles } = await import('../../src/services/runner/client/run-folder.ts');
	const { defaultRunLimits } = await import('../../src/runbook/run-limits.ts');
	const { memoryShell } = await import('../helpers/memory-engine.ts');
	const { maskText } = await import('../../src/runbook/secrets-deep.ts');
	const contents = { plan, who: example.who, reason: maskText(''), limits: defaultRunLimits, shell: memoryShell };
	expect(runFiles(contents).get('step-list')).toBe('1 wait 90 2 0 01-first\n');
	const { stepRows } = await import('../../src/screens/run/step-rows.ts');
	const run = { ...example, plan, steps: [{ id: 'first', state: 'running' as const, startedAt: 0 }] };
	const [row = []] = stepRows(run, 30_000, { width: 80, height: 5 });
	expect(row.map((part) => part.text).join('')).toContain('1:00 left');
});
