import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { onPath } from '../../demo/host/shims.ts';
import { serveDemo } from './demo.ts';

// A machine like macOS, as near as Linux comes to it: no /proc, and nothing of util-linux on the PATH, so that what the
// demo host brings itself is what is used.

const tools =
	'awk basename cat chmod chown cksum cmp comm cp cut dash date df diff dirname du echo env find git grep gunzip gzip head id ln ls mkdir ' +
	'mkfifo mktemp mv od perl printf ps rm rmdir sed sh sleep sort tail tee touch tr true uname uniq wc';

const folder = mkdtempSync(join(tmpdir(), 'backout-bare-'));
const path = join(folder, 'bin');
mkdirSync(path);
for (const tool of tools.split(' ')) {
	const file = onPath(tool, process.env.PATH ?? '');
	if (file !== undefined) {
		symlinkSync(file, join(path, tool));
	}
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unshare = onPath('unshare', process.env.PATH ?? '') ?? '/usr/bin/unshare';
/** Programs started by it see no processes. */
const withoutProc = [
	unshare,
	'-m',
	'/bin/sh',
	'-c',
	`${onPath('mount', process.env.PATH ?? '')} -t tmpfs none /proc && exec "$@"`,
	'sh',
];
const hides = spawnSync(unshare, [...withoutProc.slice(1), '/bin/sh', '-c', '[ ! -e /proc/self ]']).status === 0;
if (!hides) {
	console.warn('bare-host: /proc stays, for it can be hidden by root on Linux only');
}

test('a host without /proc and util-linux: from the crash to a verified rollback, and back', {
	tags: 'long',
	timeout: 420_000,
}, async () => {
	const demo = await serveDemo('crash', { PATH: path, BACKOUT_DEMO_SHIMS: 'all' }, hides ? withoutProc : []);
	try {
		const crashed = (await demo.onHost('git', 'log', '-1', '--format=%H')).said;
		expect((await demo.backout('doctor')).said).toMatch(/Compose: 2\./);
		const plan = await demo.backout('plan', 'engine-crash');
		expect(plan.code, plan.said).toBe(0);
		const solved = await demo.backout('run', 'engine-crash', '--yes', '--reason', 'a try');
		expect(solved.code, solved.said).toBe(0);
		// Messages of a tool that did not understand its arguments would be in the output.
		expect(solved.said).not.toMatch(/not found|illegal|invalid option|usage:|cannot open|syntax error/i);
		const undone = await demo.backout('undo', 'last', '--yes', '--reason', 'a try', '--detach');
		expect(undone.code, undone.said).toBe(0);
		await vi.waitFor(
			async () => {
				const { said } = await demo.backout('runs', '--json');
				expect(said).toMatch(/"procedure":"undo[^\n]*"state":"succeeded"/);
			},
			{ timeout: 180_000, interval: 500 },
		);
		expect((await demo.onHost('git', 'log', '-1', '--format=%H')).said).toBe(crashed);
	} finally {
		expect((await demo.stop()).code).toBe(0);
		expect(existsSync(demo.folder)).toBe(false);
	}
});
