import { expect, test } from 'vitest';
import { markQuiet } from '../../src/services/monitors/quiet-alerts.ts';

const deployedAt = Date.parse('2026-11-28T03:00:00Z');
const alert = (name: string, severity = 'critical', minutesAfter = 5) => ({
	name,
	severity,
	startsAt: deployedAt + minutesAfter * 60_000,
});

const quietOf = (...args: Parameters<typeof markQuiet>) =>
	markQuiet(...args).flatMap(({ name, quiet }) => (quiet === undefined ? [] : [`${name}: ${quiet}`]));

test('what fires always, has no severity or is ignored is quiet, the rest is not', () => {
	const alerts = [alert('Watchdog', 'critical'), alert('Info', 'none'), alert('SchedulerNoRun'), alert('EngineDown')];
	expect(quietOf(alerts, ['Scheduler.*'], undefined)).toEqual([
		'Watchdog: always fires by design',
		'Info: its severity is none',
		'SchedulerNoRun: the runbook ignores it',
	]);
	// The whole name, not a part of it.
	expect(quietOf([alert('SchedulerNoRun')], ['Scheduler'], undefined)).toEqual([]);
});

test('what fired before the deployment is quiet; it is not where that is not known', () => {
	expect(quietOf([alert('Old', 'critical', -60), alert('New')], [], deployedAt)).toEqual([
		'Old: fired before the newest container was made',
	]);
	expect(quietOf([alert('Old', 'critical', -60)], [], undefined)).toEqual([]);
	expect(quietOf([{ ...alert('Undated'), startsAt: 0 }], [], deployedAt)).toEqual([]);
});
