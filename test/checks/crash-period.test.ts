import { expect, test } from 'vitest';
import type { Instance, InstanceEvent } from '../../src/engine/instance.ts';
import { crashPeriods, settlingTime } from '../../src/services/checks/crash-period.ts';
import { noRecord, recordOf } from '../../src/services/checks/event-record.ts';

const event = (seconds: number, action: string, more: Partial<InstanceEvent> = {}): InstanceEvent => ({
	id: 'a',
	service: 'web',
	action,
	nanos: BigInt(seconds) * 1_000_000_000n,
	...more,
});
const die = (seconds: number, exitCode: number, more: Partial<InstanceEvent> = {}) =>
	event(seconds, 'die', { exitCode, ...more });
const container = (more: Partial<Instance>) =>
	({ id: 'a', service: 'web', restarts: 0, createdAt: 0, startedAt: 0, ...more }) as Instance;

test('the time from one start to the next of a container that ended by itself', () => {
	const record = recordOf([event(0, 'start'), die(30, 1), event(34, 'start'), die(64, 0), event(70, 'start')], 80_000);
	expect(record.crashPeriodsMs.get('web')).toEqual([34_000, 36_000]);
	expect(crashPeriods([], record, 80_000)).toEqual([{ service: 'web', periodMs: 36_000 }]);
});

test('a container that died for good has crashed, one that was stopped or has done its work has not', () => {
	expect(recordOf([event(0, 'start'), die(30, 1)], 40_000).crashPeriodsMs.get('web')).toEqual([30_000]);
	expect(recordOf([event(0, 'start'), die(30, 0)], 40_000).crashPeriodsMs.size).toBe(0);
	const stopped = recordOf([event(0, 'start'), event(29, 'kill'), die(30, 143)], 40_000);
	expect(stopped.crashPeriodsMs.size).toBe(0);
	expect([...stopped.stopped]).toEqual(['a']);
	// A signal to read the configuration again is no stop.
	expect(recordOf([event(0, 'start'), event(10, 'kill'), die(1000, 1)], 1_000_000).crashPeriodsMs.get('web')).toEqual([
		1_000_000,
	]);
	expect([...recordOf([event(29, 'kill'), die(30, 143), event(31, 'start')], 40_000).stopped]).toEqual([]);
});

test('without events, the average since the container was created; what crashes too seldom is left out', () => {
	expect(crashPeriods([container({ restarts: 2, startedAt: 70_000 })], noRecord, 80_000)).toEqual([
		{ service: 'web', periodMs: 35_000 },
	]);
	expect(crashPeriods([container({ restarts: 1, startedAt: 86_400_000 })], noRecord, 86_400_000)).toEqual([]);
	expect(crashPeriods([container({})], noRecord, 0)).toEqual([]);
	// It has been up for a day since.
	expect(crashPeriods([container({ restarts: 2, startedAt: 70_000 })], noRecord, 86_400_000)).toEqual([]);
});

test('the settling time is longer than the period seen, and says why', () => {
	expect(settlingTime(30, {})).toEqual({ seconds: 30 });
	expect(settlingTime(30, { crash: { service: 'web', periodMs: 34_000 } })).toEqual({
		seconds: 48,
		why: 'web crashed about every 34 s',
	});
	expect(settlingTime(30, { crash: { service: 'web', periodMs: 2000 } })).toEqual({ seconds: 30 });
});
