import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellMissing, shellPath, shells } from '../../runner/shells.ts';

const functions = readFileSync(join(import.meta.dirname, '../../../src/engines/compose/mounts-on-host.sh'), 'utf8');

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('in %s', (shell) => {
	/** Which of these paths of a model, below the copy of a folder, are absent where they belong. */
	const absent = (files: { here: readonly string[]; copy: readonly string[]; untracked: readonly string[] }) => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-mounts-'));
		try {
			const [top, root] = [join(folder, 'shop'), join(folder, 'root')];
			const make = (path: string) => {
				mkdirSync(dirname(path), { recursive: true });
				writeFileSync(path, '');
			};
			mkdirSync(join(root, top), { recursive: true });
			for (const file of files.here) {
				make(join(top, file));
			}
			for (const file of files.copy) {
				make(join(root, top, file));
			}
			symlinkSync('nowhere', join(root, top, 'link'));
			const sources = ['a', 'b', 'link', 'a/inside'].map((name) => ({ type: 'bind', source: join(root, top, name) }));
			writeFileSync(join(folder, 'model'), JSON.stringify({ volumes: sources }, undefined, 2));
			const git = `git() { case " ${files.untracked.map((name) => join(top, name)).join(' ')} " in *" $7 "*) echo "$7" ;; esac; }`;
			const script = `${functions}\n${git}\nbecomes=commit tree_top='${top}'\nabsent_mounts '${join(folder, 'model')}' '${root}'`;
			const words = [...(shell === 'busybox' ? ['sh'] : []), '-s'];
			const { stdout, stderr } = spawnSync(shellPath(shell), words, { input: script, encoding: 'utf8' });
			expect(stderr).toBe('');
			return stdout
				.split('\n')
				.filter((line) => line !== '')
				.map((line) => line.replace(`${top}/`, ''));
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	};

	test('what is neither here nor in the commit is absent; a link that leads nowhere is something', () => {
		expect(absent({ here: ['c'], copy: ['b'], untracked: [] })).toEqual(['a', 'a/inside']);
	});

	test('what git does not know stays, and what the commit does not have goes', () => {
		expect(absent({ here: ['a/inside', 'b'], copy: [], untracked: ['a', 'a/inside'] })).toEqual(['b']);
	});
});
