import { expect, test, vi } from 'vitest';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

// The promise of CONTRIBUTING: a kind of check is one file and one line of the table. The file is `hour` below, the line is in the mock.
vi.mock('../../src/services/checks/check-kinds.ts', async (original) => {
	const table = await original<typeof import('../../src/services/checks/check-kinds.ts')>();
	const { defineCheckKind } = await import('../../src/services/checks/check-kind.ts');
	const hour = defineCheckKind({
		about: 'It is late enough',
		keys: ({ z }) => ({ after: z.int().min(0).max(23).describe('The hour from which it passes, UTC') }),
		build: ({ after }) => ({ after }),
		run: (definition) => async () => {
			const now = new Date('2026-11-22T03:10:00Z').getUTCHours();
			const state = now >= definition.after ? 'passed' : 'failed';
			return { state, reason: `it is ${now} o'clock`, asked: 'date -u +%H', evidence: String(now) };
		},
		decisive: true,
	});
	Object.assign(table.checkKinds, { hour });
	return table;
});

const runbook = (checks: string) => `
title: A deployment
checks:
${checks}
procedures: {}
`;

const load = async (text: string) => {
	const { loadRunbook } = await import('../../src/services/runbook-file/load-runbook.ts');
	return loadRunbook(text, 'runbook.yaml', { readRunbook: () => undefined });
};

test('the runbook takes it, and its mistakes are told with their place', async () => {
	const { checks } = await load(runbook('  late: { kind: hour, after: 2, title: Late enough }'));
	expect(checks).toEqual([{ id: 'late', title: 'Late enough', kind: 'hour', after: 2 }]);
	await expect(load(runbook('  late: { kind: hour }'))).rejects.toThrow('runbook.yaml:4:3: "after" is missing');
	await expect(load(runbook('  late: { kind: hour, aftr: 2 }'))).rejects.toThrow('did you mean "after"?');
	await expect(load(runbook('  late: { kind: time }'))).rejects.toThrow(
		/a check's kind is one of: containers, .*, hour/,
	);
});

test('the published schema has it', async () => {
	const { publishedSchemas } = await import('../../src/commands/output/publish.ts');
	expect(publishedSchemas()['runbook.schema.json']).toContain('It is late enough');
	expect(publishedSchemas()['runbook.schema.json']).toContain('The hour from which it passes, UTC');
});

test('it is looked at, and what judges checks knows what it says', async () => {
	const { checks } = await load(runbook('  late: { kind: hour, after: 2 }\n  later: { kind: hour, after: 4 }'));
	const { startChecks } = await import('../../src/services/checks/check-runner.ts');
	const { LocalHost } = await import('../../src/services/host/local-host.ts');
	const { createInstanceModel } = await import('../../src/services/instances/instance-model.ts');
	const host = new LocalHost();
	const seen = new Map<string, string>();
	const engine = createMemoryEngine();
	const watch = startChecks(
		{ host, engine, instances: createInstanceModel(engine), target: { directory: '/' } },
		{
			checks,
			intervalMs: 1000,
			onResult: ({ id, state, reason }) => seen.set(id, `${state}: ${reason}`),
		},
	);
	await vi.waitFor(() => expect(seen.size).toBe(2), 20_000);
	watch.stop();
	await host.close();
	expect(Object.fromEntries(seen)).toEqual({ late: "passed: it is 3 o'clock", later: "failed: it is 3 o'clock" });
	const { createFailedBefore } = await import('../../src/services/checks/failed-before.ts');
	const failed = { title: '', reason: '', asked: '', evidence: '', at: 1, state: 'failed' as const };
	// A check that shows that a deployment is broken counts from its first result on.
	expect(createFailedBefore(checks).look([{ id: 'later', ...failed }]).size).toBe(0);
});
