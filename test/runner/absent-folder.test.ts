import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { locateState } from '../../src/services/runner/host/state-folder.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
	([file = '', ...args]) => spawnSync(file, [...args, '-c', 'true']).status === 0,
);

let top: string;
let folder: string;
beforeEach(() => {
	top = mkdtempSync(join(tmpdir(), 'backout-absent-'));
	folder = join(top, 'compose', '3');
	mkdirSync(join(folder, 'conf'), { recursive: true });
	mkdirSync(join(top, 'bin'));
	stack('conf', `${folder}/docker-compose.yml`);
});
afterEach(() => rmSync(top, { recursive: true }));

/** A container of the folder's stack: what it mounts from the folder, and the Compose file that its label names. */
const stack = (mount: string, file: string) => {
	const answer = `case $* in ps*) echo 1 ;; *config_files*) echo '${file}' ;; *) echo '${folder}/${mount}'; echo /etc/localtime ;; esac`;
	writeFileSync(join(top, 'bin/docker'), `#!/bin/sh\n${answer}\n`);
	chmodSync(join(top, 'bin/docker'), 0o755);
};

describe.each(shells)('%s', (shell, ...args) => {
	const inside = () => {
		const input = `set -- '${folder}'\n${locateState}\nif is_inside_a_tool "$1"; then echo inside; else echo here; fi`;
		return spawnSync(shell, [...args, '-s'], {
			input,
			env: { PATH: `${join(top, 'bin')}:/usr/bin:/bin` },
			encoding: 'utf8',
		}).stdout.trim();
	};

	test('a folder that has nothing but what containers mount is that of a tool', () => {
		expect(inside()).toBe('inside');
		stack('conf/deeper/app.conf', `${folder}/docker-compose.yml`);
		expect(inside()).toBe('inside');
		rmSync(folder, { recursive: true });
		expect(inside()).toBe('inside');
	});

	test('one that has anything else is not, nor one whose Compose file is elsewhere on the host', () => {
		writeFileSync(join(folder, 'notes.txt'), '');
		expect(inside()).toBe('here');
		rmSync(join(folder, 'notes.txt'));
		writeFileSync(join(folder, '.env'), '');
		expect(inside()).toBe('here');
		rmSync(join(folder, '.env'));
		writeFileSync(join(top, 'app.yml'), '');
		stack('conf', `${folder}/docker-compose.yml,${join(top, 'app.yml')}`);
		expect(inside()).toBe('here');
	});
});
