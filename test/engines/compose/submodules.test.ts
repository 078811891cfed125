import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import rolloutScript from '../../../src/engines/compose/rollout.sh';
import { commitIn, gitIn, writeIn } from '../../helpers/work-tree.ts';
import { type Shell, shellMissing, shells } from '../../runner/shells.ts';
import { inDeployment, treeOf } from './tree-of.ts';

const { scripts } = parse(
	readFileSync(join(import.meta.dirname, '..', '..', '..', 'runbooks', 'compose.yaml'), 'utf8'),
) as { scripts: Record<string, string> };

let made: string;
let folder: string;
let top: string;
let one: string;

const repository = (name: string, files: Readonly<Record<string, string>>): string => {
	const path = join(made, name);
	mkdirSync(path);
	gitIn(path, 'init', '-q', '-b', 'main');
	for (const [file, text] of Object.entries(files)) {
		writeIn(path, file, text);
	}
	commitIn(path, 'first');
	return path;
};

// A deployment with the submodule `lib`, which has the submodule `deep`. Each has another commit in the deployment's second one.
beforeAll(() => {
	made = realpathSync(mkdtempSync(join(tmpdir(), 'backout-submodules-')));
	const site = repository('site', { '.dockerignore': '.git\nlib/cache\n' });
	const deep = repository('deep', { 'd.conf': 'd1\n', '.gitignore': '*.key\n' });
	const lib = repository('lib', { 'l.conf': 'l1\n', 'kept.conf': 'k\n', 'gone.conf': 'g\n', 'own.local': 'in git\n' });
	gitIn(lib, 'submodule', 'add', '-q', deep, 'deep');
	commitIn(lib, 'with deep');
	gitIn(site, 'submodule', 'add', '-q', lib, 'lib');
	gitIn(site, 'submodule', '--quiet', 'update', '--init', '--recursive');
	one = commitIn(site, 'one');
	writeIn(site, 'lib/deep/d.conf', 'd2\n');
	commitIn(join(site, 'lib/deep'), 'two');
	writeIn(site, 'lib/l.conf', 'l2\n');
	writeIn(site, 'lib/.gitignore', '.env\ncache\n*.local\n');
	rmSync(join(site, 'lib/own.local'));
	commitIn(join(site, 'lib'), 'two');
	commitIn(site, 'two');
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-submodules-')));
	top = join(folder, 'site');
	cpSync(join(made, 'site'), top, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (path: string, ...words: string[]): string => gitIn(join(top, path), ...words);
const write = (path: string, text: string): void => writeIn(top, path, text);
const read = (path: string): string => readFileSync(join(top, path), 'utf8');

/** What the precondition of a rollback says of local changes. */
const localChanges = (shell: Shell): string => {
	const { status, stdout } = inDeployment(shell, top, `commit=$1\n${scripts['local-changes-fit']}`, one);
	return `${status} ${stdout.trim()}`;
};

describe.each(shells.filter((shell) => !shellMissing(shell)))('the submodules of a commit, by %s', (shell) => {
	test('have their local changes that stay, and what git does not keep, also those inside of others', () => {
		write('lib/.env', 'A=1\n');
		write('lib/cache/a', 'a\n');
		write('lib/kept.conf', 'edited\n');
		git('lib', 'update-index', '--skip-worktree', 'kept.conf');
		rmSync(join(top, 'lib/gone.conf'));
		write('lib/new.conf', 'n\n');
		write('lib/deep/licence.key', 'k\n');
		for (const kind of ['whole', 'light'] as const) {
			const tree = treeOf(shell, top, one, kind);
			expect([tree.status, tree.why]).toEqual([0, '']);
			const all = ['lib/l.conf', 'lib/own.local', 'lib/.env', 'lib/kept.conf', 'lib/new.conf', 'lib/deep/licence.key'];
			expect(all.map(tree.read)).toEqual(['l1\n', 'in git\n', 'A=1\n', 'edited\n', 'n\n', 'k\n']);
			expect(tree.said).toContain('with the local change of lib/gone.conf\n');
			const at = (path: string) => lstatSync(join(tree.tree, path), { throwIfNoEntry: false })?.isSymbolicLink();
			expect([at('lib/gone.conf'), at('lib/.env'), at('lib/cache')]).toEqual([undefined, kind === 'light', true]);
		}
	});

	test('have nothing of a clone at another commit where the deployed commit lacks the submodule', () => {
		git('.', 'rm', '-q', '--cached', 'lib');
		git('.', 'rm', '-q', '-f', '.gitmodules');
		git('.', 'commit', '-q', '-m', 'without it');
		write('lib/later.conf', 'later\n');
		commitIn(join(top, 'lib'), 'later');
		write('lib/.env', 'A=1\n');
		const { tree, why, read: readTree } = treeOf(shell, top, one);
		expect(why).toBe('');
		expect(readTree('lib/.env')).toBe('A=1\n');
		expect(existsSync(join(tree, 'lib/later.conf'))).toBe(false);
	});

	test('are gone to, also those inside of others, with their local changes', () => {
		write('lib/kept.conf', 'edited\n');
		expect(localChanges(shell)).toBe('0 1 local changes are kept');
		const functions = `fact() { :; }\nput_names_back() { :; }\nrun_dir=$2\n${rolloutScript}`;
		const { status, stdout } = inDeployment(shell, top, `${functions}\ngo_to "$1"`, one, folder);
		expect(status, stdout).toBe(0);
		expect(['lib/l.conf', 'lib/deep/d.conf', 'lib/kept.conf'].map(read)).toEqual(['l1\n', 'd1\n', 'edited\n']);
		commitIn(join(top, 'lib'), 'by hand');
		expect(localChanges(shell)).toBe('0 no local changes; not at the recorded commit, and goes to that: lib');
	});

	test('refuse a plan that would overwrite what git does not have, or stop half-way', () => {
		git('.', 'config', 'diff.ignoreSubmodules', 'all');
		const inTheWay = (path: string) => `1 changed here and between the two commits: ${path} — commit or stash it first`;
		write('lib/deep/d.conf', 'edited\n');
		expect(localChanges(shell)).toBe(inTheWay('lib/deep/d.conf'));
		git('lib/deep', 'checkout', '-q', '--', 'd.conf');
		write('lib/own.local', 'of this host\n');
		expect(localChanges(shell)).toBe(inTheWay('lib/own.local'));
		rmSync(join(top, 'lib/own.local'));
		git('lib', 'update-index', '--assume-unchanged', 'l.conf');
		expect(localChanges(shell)).toBe('0 no local changes');
		write('lib/l.conf', 'edited\n');
		expect(localChanges(shell)).toBe(inTheWay('lib/l.conf'));
	});
});
