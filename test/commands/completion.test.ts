import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidents } from '../../demo/deployment/incidents.ts';
import { candidates, files } from '../../src/commands/completion/candidates.ts';
import type { CommandSpec } from '../../src/commands/completion/tree.ts';
import { journalFolder } from '../../src/services/files/journal-folder.ts';
import { program } from '../helpers/program.ts';

// Each TAB is a process.
let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-completion-'));
	writeFileSync(
		join(folder, 'backout.yaml'),
		'targets:\n  staging: { host: local, directory: /srv/a }\n  standby: { host: local, directory: /srv/b }\n',
	);
	writeFileSync(join(folder, 'a file.yaml'), '');
	writeFileSync(join(folder, 'backout'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = (...words: string[]) =>
	execFileSync(process.execPath, [program, '__complete', '--', ...words], { cwd: folder, encoding: 'utf8' })
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => line.split('\t')[0]);

test('commands, options, and what the config at hand has', () => {
	expect(asked('ver')).toEqual(['verify']);
	expect(asked('verify', '--w')).toEqual(['--wait']);
	expect(asked('--target', 'sta')).toEqual(['staging', 'standby']);
	expect(asked('--target', 'staging', 'run', 'rollback-')).toEqual(['rollback-image', 'rollback-commit']);
	expect(asked('run', 'rollback-commit', '--input', '')).toEqual(['commit=']);
	expect(asked('guard', '--procedure', 'rollback-')).toEqual(['rollback-image', 'rollback-commit']);
	expect(asked('guard', '--procedure', 'rollback-commit', '--input', '')).toEqual(['commit=']);
	expect(asked('attach', '')).toContain('last');
	expect(asked('demo', '')).toEqual(Object.keys(incidents));
	expect(asked('demo', 'ga')).toEqual(['gateway']);
	expect(asked('--config', '')).toEqual([files]);
	expect(asked('--theme', 'hi')).toEqual(['high-contrast']);
	expect(asked('')).not.toContain('__complete');
});

test('runs with a copy on this machine, newest first', () => {
	const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
	const [, , copies] = journalFolder({ host: 'local', directory: '/srv/a' }, env);
	mkdirSync(copies, { recursive: true });
	for (const id of ['20261128T034647Z-a5e77c', '20261129T074610Z-6a8dce']) {
		writeFileSync(join(copies, `${id}.ndjson`), '');
	}
	const words = ['__complete', '--', '--target', 'staging', 'undo', ''];
	const said = execFileSync(process.execPath, [program, ...words], { cwd: folder, encoding: 'utf8', env });
	expect(said.split('\n')).toEqual(['last\tthe newest run', '20261129T074610Z-6a8dce', '20261128T034647Z-a5e77c', '']);
});

test('nothing where there is nothing to offer, or no config', () => {
	expect(asked('nonsense', '')).toEqual([]);
	expect(asked('--config', 'nowhere.yaml', 'run', '')).toEqual([]);
	const tree: CommandSpec = { name: 'x', description: '', args: [], options: [], commands: [] };
	const none = { targets: () => [], procedures: () => [], inputs: () => [], services: () => [], runs: () => [] };
	expect(candidates(tree, [], none)).toEqual([]);
});

test('bash completes with what it loads', () => {
	const script = `source <(backout completion bash)
		complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _backout; printf '%s\\n' "\${COMPREPLY[@]}"; }
		complete_line backout run engine
		complete_line backout run rollback-i
		complete_line backout check 'a f'`;
	const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
		cwd: folder,
		env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
		encoding: 'utf8',
	});
	expect(stdout.split('\n').filter(Boolean)).toEqual(['rollback-image', 'a file.yaml']);
	expect(stderr.replace(/.*compopt.*\n/g, '')).toBe('');
});

test('the manual page has every command, and is what man can show', () => {
	const page = execFileSync(process.execPath, [program, '__man'], { encoding: 'utf8' });
	const help = execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
	for (const [, name] of help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z][a-z-]+) /gm)) {
		if (name !== 'help') expect(page).toContain(`.SS "${name?.replaceAll('-', '\\-')}"`);
	}
	expect(readFileSync(join(import.meta.dirname, '..', '..', 'man', 'backout.1'), 'utf8'), 'npm run man').toBe(page);
	const checked = spawnSync('groff', ['-man', '-ww', '-z'], { input: page, encoding: 'utf8' });
	// Without groff nothing is checked.
	expect(checked.stderr ?? '').toBe('');
});

test('a synopsis of the manual page has one space between words', () => {
	const page = execFileSync(process.execPath, [program, '__man'], { encoding: 'utf8' });
	const { stdout, error } = spawnSync('groff', ['-man', '-Tutf8', '-P-cbou'], { input: page, encoding: 'utf8' });
	// Without groff nothing is shown.
	const synopses = error === undefined ? [...stdout.matchAll(/^ +(backout .*)$/gm)].map(([, words]) => words) : [];
	expect(synopses.filter((words) => /\S {2}\[/.test(words ?? ''))).toEqual([]);
	expect(error !== undefined || synopses.includes('backout logs SERVICE... [options]')).toBe(true);
});
