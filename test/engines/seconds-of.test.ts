import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import secondsOfScript from '../../src/engines/docker/seconds-of.sh';
import { shellMissing, shellPath, shells } from '../runner/shells.ts';

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('%s', (shell) => {
	/** Returns the output of seconds_of for some times, with the exit codes. */
	const secondsOf = (times: readonly string[]) => {
		const script = `${secondsOfScript}\nfor one; do seconds_of "$one" || echo "no time"; done`;
		const words = [...(shell === 'busybox' ? ['sh'] : []), '-c', script, 'sh', ...times];
		return spawnSync(shellPath(shell), words, { encoding: 'utf8' }).stdout.trim().split('\n');
	};

	test('times as Docker writes them are read, in any zone, to the second', () => {
		const times = [
			'1970-01-01T00:00:00Z',
			'2024-02-29T23:59:59.999999999Z',
			'2023-12-31T23:59:59.5Z',
			'2026-03-01T00:00:00.123456789+02:00',
			'2026-10-08T09:08:07-09:30',
			'2100-03-01T00:00:00Z',
			'2001-01-01 08:09:10 +0000 UTC',
		];
		const expected = times.map((time) =>
			String(Math.floor(Date.parse(time.replace(' +0000 UTC', 'Z').replace(' ', 'T')) / 1000)),
		);
		expect(secondsOf(times)).toEqual(expected);
	});

	test('what is no time is none', () => {
		expect(secondsOf(['', 'yesterday', '2026-10-08', '0001'])).toEqual(['no time', 'no time', 'no time', 'no time']);
	});
});
