import { expect, test } from 'vitest';
import type { NodeReading } from '../../src/runbook/reading.ts';
import { nodesPanel } from '../../src/screens/dashboard/nodes-rows.ts';
import { readingOf } from '../../src/stores/readings.ts';
import { staleWhenLost } from '../../src/stores/stale-when-lost.ts';
import { createStore } from '../../src/stores/store.ts';
import type { Workspace } from '../../src/stores/workspace.ts';
import { createFakeWorkspace } from './fake-workspace.ts';

const at = Date.UTC(2026, 10, 30, 4, 0);
const node = (name: string, state: NodeReading['state'], instances: number): NodeReading => ({
	...{ id: name, name, role: 'worker', state, availability: 'active', isLeader: false, isHere: false },
	...{ version: 'v1.20.2', instances },
});
const nodes = createStore({
	value: [node('node-1', 'ready', 3), node('node-2', 'unknown', 2), node('node-3', 'unknown', 1)],
	state: 'down' as const,
	at,
	maxAgeMs: 15_000,
});

const withNodes = () => {
	const { workspace, stores } = createFakeWorkspace();
	const given: Workspace = { ...workspace, readings: { ...workspace.readings, ...{ nodes } } };
	return { stores, shown: staleWhenLost(given).readings };
};
const textOf = (rows: readonly (readonly { readonly text: string }[])[]): string =>
	rows.map((row) => row.map(({ text }) => text).join('')).join('\n');

test('what runs on a node that is lost is said of the time when it was heard', () => {
	const { shown } = withNodes();
	const rows = textOf(nodesPanel.rows(shown, at, 100));
	expect(rows).toMatch(/node-1 .*3 running/);
	expect(rows).toMatch(/node-2 unknown .*2 were running/);
	expect(rows).toMatch(/node-3 unknown .*1 was running/);
});

test('no reading of any monitor looks fresh while the link is lost', () => {
	const { stores, shown } = withNodes();
	const fresh = () =>
		Object.keys(shown).filter((name) => {
			const store = readingOf(shown, name);
			const reading = Array.isArray(store) ? store[0]?.reading.get() : store?.get();
			return reading?.maxAgeMs !== undefined && reading.maxAgeMs >= 0;
		});
	expect(fresh()).toContain('nodes');
	stores.link.set({ status: 'reconnecting', reason: 'no route to host', since: at });
	expect(fresh()).toEqual([]);
	expect(textOf([nodesPanel.summary(shown, at, { x: 0, y: 0, width: 100, height: 5 })])).toMatch(/◔ stale/);
});
