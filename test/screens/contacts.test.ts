import { expect, test } from 'vitest';
import type { Run } from '../../src/runbook/run.ts';
import { verdictRows } from '../../src/screens/run/verdict-rows.ts';

const run = {
	id: 'r1',
	reason: '',
	plan: { title: 'Cancel all orders', target: 'lab', steps: [] },
	who: { user: 'ada', machine: 'desk' },
} as unknown as Run;
const now = 3_600_000;
const contacts = {
	links: [
		{ title: 'Grafana', url: 'http://grafana.example/' },
		{ title: 'Log', text: 'docker logs engine' },
		{ title: 'Standby', url: 'http://standby.example/', text: 'FAILOVER.md' },
	],
	alerts: [{ name: 'EngineDown', startsAt: now - 120_000 }],
};
const rows = (links: boolean, width: number) =>
	verdictRows({ words: 'Failed', tone: 'alarm', more: '', links }, run, contacts, now, width).map((row) =>
		row.map(({ text }) => text).join(''),
	);

test('a run that failed says where to turn to, and what fires since when', () => {
	const text = rows(true, 70);
	expect(text).toContain(' Look at Grafana http://grafana.example/   Log docker logs engine');
	expect(text).toContain(' Standby http://standby.example/ FAILOVER.md');
	expect(text.join('\n')).toMatch(/Alerts: EngineDown since 2 ?m/);
});

test('one that went well does not', () => {
	expect(rows(false, 70).join('\n')).not.toMatch(/Grafana|Alerts/);
});
