import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import treeScript from '../../../src/engines/compose/tree.sh';
import { commitIn, gitIn, writeIn } from '../../helpers/work-tree.ts';
import { type Shell, shellMissing, shellPath, shells } from '../../runner/shells.ts';
import { treeOf as treeOfDeployment } from './tree-of.ts';

let folder: string;
let top: string;

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-tree-')));
	top = join(folder, 'site');
	mkdirSync(top);
	git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...words: string[]): string => gitIn(top, ...words);

const write = (path: string, text: string): void => writeIn(top, path, text);

const commit = (message: string): string => commitIn(top, message);

/** Commits a submodule vendor/other with the file `s`, and gives the hash. */
const commitSubmodule = (): string => {
	const other = join(folder, 'other');
	mkdirSync(other);
	gitIn(other, 'init', '-q', '-b', 'main');
	writeFileSync(join(other, 's'), 'old\n');
	gitIn(other, 'add', '-A');
	gitIn(other, 'commit', '-q', '-m', 's1');
	git('submodule', 'add', '-q', other, 'vendor/other');
	return commit('one');
};

const treeOf = (shell: Shell, target: string, kind: 'light' | 'whole' = 'whole') =>
	treeOfDeployment(shell, top, target, kind);

describe.each(shells.filter((shell) => !shellMissing(shell)))('the tree of a commit, by %s', (shell) => {
	test('has the files of the commit, local changes that stay, and what git does not keep', () => {
		write('app/VERSION', '1\n');
		write('app/a b.txt', 'committed\n');
		write('.gitignore', 'secret*\n.env\n');
		const one = commit('one');
		write('app/VERSION', '2\n');
		commit('two');
		write('app/a b.txt', 'edited here\n');
		write('secret.key', 'k\n');
		write('.env', 'A=1\n');
		write('untracked', 'u\n');
		const { status, said, read } = treeOf(shell, one);
		expect(status).toBe(0);
		expect(read('app/VERSION')).toBe('1\n');
		expect(read('app/a b.txt')).toBe('edited here\n');
		expect([read('secret.key'), read('.env'), read('untracked')]).toEqual(['k\n', 'A=1\n', 'u\n']);
		expect(said).toContain('with the local change of app/a b.txt');
		expect(said).toContain('with secret.key, which git does not keep');
		// Neither the work tree nor git was changed.
		expect(git('status', '--short')).toBe('M "app/a b.txt"\n?? untracked'.trim());
		expect(git('worktree', 'list').split('\n')).toHaveLength(1);
	});

	test('does not copy what the build does not get, and follows what is taken in again', () => {
		write('.dockerignore', '*\n!src\n!token\n');
		write('src/main', 'm\n');
		write('.gitignore', 'data\ntoken\n');
		const one = commit('one');
		write('data/big', 'b\n');
		write('token', 't\n');
		const { tree, said } = treeOf(shell, one);
		expect(lstatSync(join(tree, 'data')).isSymbolicLink()).toBe(true);
		expect(lstatSync(join(tree, 'token')).isFile()).toBe(true);
		expect(said).not.toContain('data');
	});

	test('has what a later line includes again, and what a Dockerfile with a list of its own may take', () => {
		write('.dockerignore', 'dist\nlocal.conf\n!dist/app.jar\n');
		write('.gitignore', 'dist\nlocal.conf\n');
		const one = commit('one');
		write('Dockerfile.dockerignore', '.git\n');
		const two = commit('two');
		write('dist/app.jar', 'jar\n');
		write('local.conf', 'l\n');
		const { tree } = treeOf(shell, one);
		expect(lstatSync(join(tree, 'dist')).isSymbolicLink()).toBe(false);
		expect(lstatSync(join(tree, 'local.conf')).isSymbolicLink()).toBe(true);
		rmSync(tree, { recursive: true });
		expect(lstatSync(join(treeOf(shell, two).tree, 'local.conf')).isSymbolicLink()).toBe(false);
	});

	test('leaves out what a sparse checkout leaves out', () => {
		write('conf.d/dev.conf', 'd\n');
		write('conf.d/all.conf', '1\n');
		const one = commit('one');
		write('conf.d/all.conf', '2\n');
		commit('two');
		git('sparse-checkout', 'set', '--no-cone', '/*', '!/conf.d/dev.conf');
		for (const kind of ['whole', 'light'] as const) {
			const { tree, read } = treeOf(shell, one, kind);
			expect(read('conf.d/all.conf')).toBe('1\n');
			expect(existsSync(join(tree, 'conf.d/dev.conf'))).toBe(false);
		}
		expect(git('status', '--short')).toBe('');
	});

	test('has files that git overlooks as they are, and not those that are not there', () => {
		write('settings.py', 'dev\n');
		write('limits.py', 'dev\n');
		write('dev.conf', 'd\n');
		const one = commit('one');
		write('VERSION', '2\n');
		commit('two');
		git('update-index', '--skip-worktree', 'dev.conf');
		rmSync(join(top, 'dev.conf'));
		git('update-index', '--skip-worktree', 'settings.py');
		git('update-index', '--assume-unchanged', 'limits.py');
		write('settings.py', 'production\n');
		write('limits.py', 'production\n');
		for (const kind of ['whole', 'light'] as const) {
			const { tree, read, said } = treeOf(shell, one, kind);
			expect([read('settings.py'), read('limits.py')]).toEqual(['production\n', 'production\n']);
			expect(existsSync(join(tree, 'dev.conf'))).toBe(false);
			expect(said).toContain('with the local change of settings.py');
		}
		expect(git('status', '--short')).toBe('');
	});

	test('does not have a submodule that only the older commit has, and says what to do', () => {
		const one = commitSubmodule();
		git('rm', '-q', 'vendor/other');
		commit('two');
		const { status, why } = treeOf(shell, one);
		expect(status).not.toBe(0);
		expect(why).toContain(`clone its repository to '${top}/vendor/other'`);
	});

	test('has beside it what is beside the folder', () => {
		writeFileSync(join(folder, 'shared.env'), 'A=1\n');
		write('compose.yaml', 'services: {}\n');
		const script = `git() { command git "$@"; }\n${treeScript}\ncd -- "$directory"\naround "$1" "$directory"`;
		const root = join(folder, 'root');
		const words = [...(shell === 'busybox' ? ['sh'] : []), '-c', script, 'sh', root];
		const { status, stderr } = spawnSync(shellPath(shell), words, {
			encoding: 'utf8',
			env: { PATH: process.env.PATH, HOME: folder, directory: top },
		});
		expect([status, stderr]).toEqual([0, '']);
		expect(readFileSync(join(root, top, '../shared.env'), 'utf8')).toBe('A=1\n');
		expect(existsSync(join(root, top))).toBe(false);
		rmSync(root, { recursive: true });
		expect(existsSync(join(folder, 'shared.env'))).toBe(true);
	});

	test('has submodules at the commit of then, and says which one is not here', () => {
		const one = commitSubmodule();
		writeFileSync(join(top, 'vendor/other/s'), 'new\n');
		gitIn(join(top, 'vendor/other'), 'commit', '-q', '-a', '-m', 's2');
		commit('two');
		expect(treeOf(shell, one).read('vendor/other/s')).toBe('old\n');
		rmSync(join(folder, 'tree-whole'), { recursive: true });
		git('update-index', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/other`);
		git('commit', '-q', '-m', 'three');
		const { status, why, tree } = treeOf(shell, git('rev-parse', 'HEAD'));
		expect(status).not.toBe(0);
		expect(why).toContain('submodule vendor/other');
		expect(existsSync(tree)).toBe(false);
	});

	test('only to be read, leaves big files empty and links what git does not keep', () => {
		write('compose.yaml', 'services: {}\n');
		write('big', 'x'.repeat(1_100_000));
		write('.gitignore', '.env\n');
		const one = commit('one');
		write('.env', 'A=1\n');
		const { tree, read } = treeOf(shell, one, 'light');
		expect(read('compose.yaml')).toBe('services: {}\n');
		expect(read('big')).toBe('');
		expect(lstatSync(join(tree, '.env')).isSymbolicLink()).toBe(true);
	});

	test('with a file under Git LFS whose content is not here, there is none', () => {
		write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
		write('model.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`);
		const one = commit('one');
		const { status, why } = treeOf(shell, one);
		expect(status).not.toBe(0);
		expect(why).toContain('model.bin is stored in Git LFS');
	});

	test('with such a file in a folder that has attributes of its own, there is none', () => {
		write('assets/.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
		write('assets/model.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`);
		const one = commit('one');
		const { status, why } = treeOf(shell, one);
		expect(status).not.toBe(0);
		expect(why).toContain('assets/model.bin is stored in Git LFS');
	});

	test('has the content of files under Git LFS, also where git is told to leave it out', () => {
		// What git-lfs does where the object is on the host; with --skip it passes the pointer on.
		writeIn(
			folder,
			'bin/git-lfs',
			'#!/bin/sh\nif [ "$2" = --skip ]; then cat; else cat >/dev/null; echo content; fi\n',
		);
		chmodSync(join(folder, 'bin/git-lfs'), 0o755);
		write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
		write('model.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`);
		const one = commit('one');
		git('config', 'filter.lfs.smudge', 'git-lfs smudge --skip -- %f');
		const { status, why, read } = treeOf(shell, one);
		expect([status, why]).toEqual([0, '']);
		expect(read('model.bin')).toBe('content\n');
	});

	test('whose files a partial clone cannot fetch is refused with that reason', () => {
		write('compose.yaml', 'services: {}\n');
		write('conf/a', 'one\n');
		const one = commit('one');
		write('compose.yaml', 'services: { web: {} }\n');
		write('conf/a', 'two\n');
		commit('two');
		const origin = join(folder, 'origin');
		git('config', 'uploadpack.allowFilter', 'true');
		renameSync(top, origin);
		gitIn(folder, 'clone', '-q', '--filter=blob:none', `file://${origin}`, top);
		renameSync(origin, `${origin}.away`);
		for (const kind of ['light', 'whole'] as const) {
			const { tree, status, why } = treeOf(shell, one, kind);
			expect(status, why).not.toBe(0);
			expect(why).toMatch(/this clone is without the files of older commits.* make its remote reachable/);
			expect(existsSync(tree)).toBe(false);
		}
	});
});
