import { expect, it } from 'vitest';
import type { ContainerReading } from '../../src/runbook/reading.ts';
import { containersRows } from '../../src/screens/dashboard/containers-rows.ts';
import { recordHistory } from '../../src/stores/history.ts';
import { createFakeWorkspace } from './fake-workspace.ts';
import { night } from './made-up.ts';

it.each([52, 60, 71, 104, 135])(
	'the name of a service is whole in a table of %i cells, whatever else is beside it',
	(width) => {
		const { workspace } = createFakeWorkspace();
		const reading = workspace.readings.containers.get();
		const value = (reading.value ?? []).map(
			(one): ContainerReading => ({ ...one, service: one.service.replace('trading-engine', 'trading-engine-eu') }),
		);
		const rows = containersRows({ ...reading, value }, night, { width, height: 12 }, undefined, {
			history: recordHistory(workspace.readings),
		});
		expect(rows.map((row) => row.map(({ text }) => text).join('')).join('\n')).toMatch(/trading-engine-eu .*\d/);
	},
);
