import { expect, test } from 'vitest';
import { exactDuration } from '../../src/components/format-time.ts';

test('a time that somebody has set is not rounded: the settling time of 150 s is not two minutes', () => {
	expect([5, 60, 150, 600, 3905].map((seconds) => exactDuration(seconds * 1000))).toEqual([
		'5s',
		'1m',
		'2m 30s',
		'10m',
		'1h 5m 5s',
	]);
});
