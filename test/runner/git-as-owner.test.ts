import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitAsOwner } from '../../src/services/runner/host/git-as-owner.ts';
import { type Shell, shellMissing, shellPath, shells } from './shells.ts';

const here = shells.filter((shell) => !shellMissing(shell));

let root: string;
let directory: string;

beforeEach(() => {
	root = realpathSync(mkdtempSync(join(tmpdir(), 'backout-git-')));
	directory = join(root, 'app');
	execFileSync('sh', [
		'-c',
		`set -e
		chmod 755 "$1"
		git init -q -b main "$2" && cd "$2"
		for word in one two; do
			echo "$word" >file
			git add file
			git -c user.name=x -c user.email=x@localhost commit -q -m "$word"
		done`,
		'sh',
		root,
		directory,
	]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (shell: Shell, script: string) => {
	const args = shell === 'busybox' ? ['sh'] : [];
	const program = `directory=$1; cd "$directory" || exit\n${gitAsOwner}\n${script}`;
	return execFileSync(shellPath(shell), [...args, '-c', program, 'sh', directory], { encoding: 'utf8' });
};

test.skipIf(process.getuid?.() !== 0).each(here)(
	"under %s, as root in another user's work tree, what git writes is the owner's",
	(shell) => {
		execFileSync('chown', ['-R', 'nobody', directory]);
		run(
			shell,
			`git update-index -q --refresh; git reset -q --keep HEAD~1 && echo three >other && chown nobody other && git add other &&
				git -c user.name=x -c user.email=x@localhost commit -q -m three && git_timeout=10 git gc -q`,
		);
		expect(execFileSync('find', [directory, '-user', 'root'], { encoding: 'utf8' })).toBe('');
		expect(run(shell, 'git log --format=%s')).toBe('three\none\n');
	},
);

test.skipIf(process.getuid?.() !== 0).each(here)(
	'under %s, the owner is that of the folder, not that of a link to it',
	(shell) => {
		execFileSync('chown', ['-R', 'nobody', directory]);
		symlinkSync(directory, join(root, 'link'));
		directory = join(root, 'link');
		expect(run(shell, 'git log --format=%s')).toBe('two\none\n');
	},
);

test.each(here)('under %s, in its own work tree, with a time-out', (shell) => {
	expect(run(shell, 'git_timeout=10 git log --format=%s; git log -1 --format=%s')).toBe('two\none\ntwo\n');
	// busybox's timeout gives 143, that of coreutils 124.
	expect(run(shell, "git_timeout=1 git -c alias.hang='!sleep 4' hang; echo $?")).toMatch(/^1(24|43)\n$/);
});

test.each(here)(
	'git writes files with the umask of most files of the work tree, whatever that of the login: %s',
	(shell) => {
		const modes: Readonly<Record<string, string>> = { 644: '0022', 664: '0002', 640: '0027', 600: '0077', 666: '0000' };
		for (const [mode, wanted] of Object.entries(modes)) {
			const said = run(
				shell,
				`umask 077
			for one in 1 2 3; do echo "$one" >"file $one"; done
			git add .
			chmod ${mode} file file*
			chmod 600 'file 3'
			umask_of_files
			umask "$(umask_of_files)"
			git_whole checkout -q HEAD~1 -- file
			stat -c %a file`,
			);
			expect(said.split('\n').slice(0, 2)).toEqual([wanted, mode]);
		}
		expect(run(shell, 'umask 027; git rm -q -r --cached .; umask_of_files').trim()).toBe('0027');
	},
);
