import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shellIn } from '../../../src/engines/compose/shell-in.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';

let folder: string;
let host: LocalHost;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'backout-shell-in-'));
	host = new LocalHost();
	// Says how it was called, and runs the command that is after the id as a container without bash would.
	await writeFile(
		join(folder, 'docker'),
		'#!/bin/sh\nprintf "%s\\n" "$@" | head -n 7\nshift 7\n[ "$1" = sh ] && shift\n/bin/sh "$@" <<-"EOF"\n\techo "in $(readlink /proc/$$/exe)"\n\tEOF\n',
	);
	await chmod(join(folder, 'docker'), 0o755);
});
afterEach(async () => {
	await host.close();
	await rm(folder, { recursive: true });
});

test('the command of a shell reaches docker in one piece, wherever docker is', async () => {
	const { stdout, code } = await host.exec(shellIn('c0ffee', { path: [folder] }));
	expect(stdout.toString().split('\n').slice(0, 7)).toEqual([
		'exec',
		'-it',
		'-e',
		'TERM',
		'--detach-keys',
		'ctrl-@,ctrl-@,ctrl-@',
		'c0ffee',
	]);
	expect(stdout.toString()).toMatch(/^in \/.*sh$/m);
	expect(code).toBe(0);
});

test.each(["a'b", 'a b', 'a;b', '$(b)', '-it', ''])('%o is no id', (id) => {
	expect(() => shellIn(id)).toThrow(TypeError);
});
