import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import gitAsOwner from '../../src/services/runner/host/git-as-owner.sh';

// The processes in a git work tree that has a lock.

const { scripts } = parse(readFileSync(join(import.meta.dirname, '..', '..', 'runbooks', 'compose.yaml'), 'utf8')) as {
	scripts: Record<string, string>;
};

let folder: string;
let git: ChildProcess;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-git-'));
	execFileSync('git', ['init', '-q', folder]);
	// It reads names until its input ends.
	git = spawn('git', ['cat-file', '--batch'], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
});
afterEach(async () => {
	const ended = new Promise((resolve) => git.once('close', resolve));
	git.stdin?.end();
	await ended;
	rmSync(folder, { recursive: true });
});

const lockOfAge = (seconds: number) => {
	const lock = join(folder, '.git', 'index.lock');
	writeFileSync(lock, '');
	const then = Date.now() / 1000 - seconds;
	utimesSync(lock, then, then);
};
const look = (): string => {
	try {
		const script = `directory=$PWD\n${gitAsOwner}\n${scripts['git-is-free']}`;
		return execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
	} catch (error) {
		return (error as { stdout: string }).stdout;
	}
};

test('a git that was there when the lock was made is at work', () => {
	lockOfAge(0);
	expect(look()).toMatch(new RegExp(`a git is at work in .* \\(process ${git.pid}\\)`));
});

test('one that began later only looks: the lock may go', () => {
	lockOfAge(3600);
	expect(look()).toMatch(/rm '.*index\.lock'/);
});
