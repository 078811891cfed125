import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../src/components/figures.ts';
import { shellMissing, shellPath, shells } from '../../runner/shells.ts';

const functions = readFileSync(join(import.meta.dirname, '../../../src/engines/docker/words.sh'), 'utf8');

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('in %s', (shell) => {
	const say = (script: string) => {
		const { stdout, stderr } = spawnSync(shellPath(shell), [...(shell === 'busybox' ? ['sh'] : []), '-s'], {
			input: `${functions}\n${script}\n`,
			encoding: 'utf8',
		});
		expect(stderr).toBe('');
		return stdout.trimEnd().split('\n');
	};

	test('a size reads as on the dashboard', () => {
		const sizes = [0, 1, 512, 999, 1000, 1024, 1536, 80_607_232, 524_288, 2 ** 40];
		expect(say(sizes.map((kib) => `size_in_words ${kib}`).join('\n'))).toEqual(
			sizes.map((kib) => (kib === 0 ? '0 KiB' : bytes(kib * 1024))),
		);
	});

	test('a line that is changed counts once', () => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-words-'));
		try {
			const [old, now] = [join(folder, 'old'), join(folder, 'now')];
			writeFileSync(now, 'A=1\nB=2\n# kept\nC=3\nD=4\n');
			const differs = (text: string) => {
				writeFileSync(old, text);
				return say(`lines_that_differ '${now}' <'${old}'`)[0];
			};
			expect(differs('A=1\nB=9\n# kept\nC=3\nD=4\n')).toBe('1 line differs');
			expect(differs('A=1\nB=9\n# kept\nC=3\n')).toBe('2 lines differ');
			expect(differs('# kept\nC=3\nD=4\nE=5\n')).toBe('3 lines differ');
			expect(differs('A=1\nB=2\n# kept\nC=3\nD=4\n')).toBe('0 lines differ');
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
