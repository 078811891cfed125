import { expect, it } from 'vitest';
import type { ReadingsNow } from '../../src/application/watching/readings-now.ts';
import { readingChanges } from '../../src/commands/reading-changes.ts';
import { changeText } from '../../src/commands/status.ts';

const container = (service: string, more: object = {}) => ({
	id: service,
	name: `app-${service}-1`,
	service,
	status: 'running',
	restarts: 0,
	image: service,
	imageId: '',
	state: 'ok',
	cpuPercent: 1,
	...more,
});

const readings = (more: object = {}): ReadingsNow =>
	({
		target: 'app',
		host: 'root@host',
		at: 0,
		link: { status: 'up', rttMs: 40 },
		containers: { state: 'ok', at: 0, stale: false, value: [container('web'), container('db')] },
		health: [],
		disk: { state: 'ok', at: 0, stale: false, value: { usedPercent: 40, freeBytes: 1 } },
		checks: [{ id: 'health', title: 'Health', state: 'passed', reason: 'status 200', at: 0 }],
		...more,
	}) as unknown as ReadingsNow;

const lines = (before: ReadingsNow, after: ReadingsNow) =>
	readingChanges(before, after).map((change) => changeText(change, new Date(2026, 0, 1, 4, 8, 12).getTime()));

it('says nothing where only figures moved', () => {
	const moved = readings({
		at: 1000,
		link: { status: 'up', rttMs: 90 },
		containers: {
			state: 'ok',
			at: 1000,
			stale: false,
			value: [container('web', { cpuPercent: 80 }), container('db', { memoryBytes: 5 })],
		},
		disk: { state: 'ok', at: 1000, stale: false, value: { usedPercent: 41, freeBytes: 1 } },
		checks: [{ id: 'health', title: 'Health', state: 'passed', reason: 'status 200, 90 ms', at: 1000 }],
	});
	expect(lines(readings(), moved)).toEqual([]);
});

it('says what became of each thing that changed, and when', () => {
	const worse = readings({
		link: { status: 'up' },
		containers: {
			state: 'down',
			at: 0,
			stale: false,
			value: [container('web', { status: 'restarting', restarts: 3, state: 'down' }), container('cache')],
		},
		disk: { state: 'warn', at: 0, stale: false, reason: '91 % used', value: { usedPercent: 91, freeBytes: 1 } },
		checks: [{ id: 'health', title: 'Health', state: 'failed', reason: 'connection refused', at: 0 }],
		suggestion: { procedure: 'engine-crash', why: 'web keeps restarting' },
	});
	expect(lines(readings(), worse)).toEqual([
		'04:08:12 web running → restarting, restart 3',
		'04:08:12 cache not there → running',
		'04:08:12 disk ok → warn  91 % used',
		'04:08:12 check Health passed → failed  connection refused',
		'04:08:12 suggested not there → engine-crash  web keeps restarting',
		'04:08:12 db running → gone',
	]);
	expect(lines(worse, readings())).toContain('04:08:12 suggested engine-crash → gone');
});

it('says that readings are stale, and names containers where a service has several', () => {
	const several = [container('web'), container('web', { id: 'b', name: 'app-web-2' })];
	const before = readings({ containers: { state: 'ok', at: 0, stale: false, value: several } });
	const after = readings({
		link: { status: 'reconnecting' },
		containers: {
			state: 'ok',
			at: 0,
			stale: true,
			value: [several[0], { ...several[1], status: 'exited', exitCode: 1 }],
		},
	});
	expect(lines(before, after)).toEqual([
		'04:08:12 link up → reconnecting',
		'04:08:12 app-web-2 running → exited, exit code 1',
		'04:08:12 containers not there → ok, stale',
	]);
});
