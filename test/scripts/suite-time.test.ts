import { expect, test } from 'vitest';
import { timeLines } from '../../scripts/suite-time.ts';

const file = (name: string, fromSeconds: number, toSeconds: number, project = 'unit') => ({
	project,
	file: name,
	startedAt: fromSeconds * 1000,
	endedAt: toSeconds * 1000,
});

test('each project has its wall time, from its first file to its last, beside its budget', () => {
	const files = [file('a', 100, 130), file('b', 110, 195), file('c', 200, 230, 'lab'), file('d', 0, 1, 'other')];
	expect(timeLines(files, { unit: 2, lab: 45 })).toEqual([
		'unit: 1 min 35 s of a budget of 2 min',
		'lab: 30 s of a budget of 45 min',
		'other: 1 s',
	]);
});

test('a project over its budget names its five slowest files, the slowest first', () => {
	const files = [1, 7, 3, 90, 5, 4].map((seconds, at) => file(`file-${at}`, 0, seconds));
	expect(timeLines(files, { unit: 1 })).toEqual([
		'unit: 1 min 30 s of a budget of 1 min: OVER BUDGET. The slowest files:',
		'  1 min 30 s  file-3',
		'  7 s  file-1',
		'  5 s  file-4',
		'  4 s  file-5',
		'  3 s  file-2',
	]);
});
