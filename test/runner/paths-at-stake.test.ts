import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitAsOwner } from '../../src/services/runner/host/git-as-owner.ts';
import { pathsAtStake } from '../../src/services/runner/restore-point/restore-point.ts';
import { commitIn, gitIn, writeIn } from '../helpers/work-tree.ts';
import { type Shell, shellMissing, shellPath, shells } from './shells.ts';

const here = shells.filter((shell) => !shellMissing(shell));

let top: string;

beforeEach(() => {
	top = realpathSync(mkdtempSync(join(tmpdir(), 'backout-stake-')));
	git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const git = (...words: string[]): string => gitIn(top, ...words);

const write = (path: string, text: string): void => writeIn(top, path, text);

const commit = (message: string): string => commitIn(top, message);

const atStake = (shell: Shell, target: string): readonly string[] =>
	execFileSync(
		shellPath(shell),
		[
			...(shell === 'busybox' ? ['sh'] : []),
			'-c',
			`directory=$1\ncd "$1" || exit\n${gitAsOwner}\n${pathsAtStake}\npaths_overwritten_by "$2"`,
			'sh',
			top,
			target,
		],
		{ encoding: 'utf8' },
	)
		.split('\n')
		.filter((line) => line !== '');

/** The older commit tracks these; the newer one has none of them and ignores whatever is there. */
const older = (...paths: string[]): string => {
	write('app', 'one\n');
	for (const path of paths) {
		write(path, 'as committed\n');
	}
	const first = commit('one');
	git('rm', '-q', '-r', ...paths);
	write('.gitignore', `${paths.map((path) => `/${path.split('/')[0]}`).join('\n')}\n`);
	commit('two');
	return first;
};

test.each(here)('under %s, ignored and untracked files that the commit has are named, and no others', (shell) => {
	const first = older('config/local.ini', 'a b.txt', 'not-here.txt');
	write('config/local.ini', 'only here\n');
	write('config/other.ini', 'in nobody’s way\n');
	write('a b.txt', 'only here\n');
	write('untracked.txt', 'in nobody’s way\n');
	expect(atStake(shell, first)).toEqual(['a b.txt', 'config/local.ini']);
	// git does overwrite it without a word, which is why it has to be kept.
	git('reset', '-q', '--keep', first);
	expect(execFileSync('cat', [join(top, 'config/local.ini')], { encoding: 'utf8' })).toBe('as committed\n');
});

test.each(here)('under %s, all of a folder in a file’s place, and a file or link in a folder’s', (shell) => {
	const first = older('storage', 'settings/app.ini', 'linked/app.ini');
	write('storage/deep/rows.txt', 'only here\n');
	mkdirSync(join(top, 'storage/empty'));
	write('settings', 'a file now\n');
	symlinkSync('/etc', join(top, 'linked'));
	expect(atStake(shell, first)).toEqual([
		'linked',
		'settings',
		'storage/',
		'storage/deep/',
		'storage/deep/rows.txt',
		'storage/empty/',
	]);
});

test.each(here)('under %s, changed files that git was told to overlook', (shell) => {
	write('local.ini', 'one\n');
	write('same.ini', 'one\n');
	const first = commit('one');
	write('local.ini', 'two\n');
	write('same.ini', 'two\n');
	commit('two');
	git('update-index', '--skip-worktree', 'local.ini', 'same.ini');
	write('local.ini', 'only here\n');
	expect(atStake(shell, first)).toEqual(['local.ini']);
});

test.each(here)(
	'under %s, local changes of tracked files are git’s to keep; a name with a line end is one path',
	(shell) => {
		const first = older('two\nlines');
		write('app', 'changed\n');
		write('two\nlines', 'only here\n');
		expect(atStake(shell, first)).toEqual(['two\u0001lines']);
		expect(atStake(shell, git('rev-parse', 'HEAD'))).toEqual([]);
	},
);
