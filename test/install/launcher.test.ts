import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { shellMissing, shellPath, shells } from '../runner/shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-launcher-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Like npm's installation: a link on the PATH, beside a Node.
const link = join(folder, 'backout');
symlinkSync(program, link);

const tell =
	'process.once("exit",()=>console.log(JSON.stringify([process.execArgv,process.argv.slice(2),process.env.MALLOC_TRIM_THRESHOLD_])))';
const env = {
	...process.env,
	PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter),
	MALLOC_TRIM_THRESHOLD_: undefined,
	NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
};
const told = (command: string, args: readonly string[], own: Readonly<Record<string, string>> = {}) => {
	const { stdout, stderr } = spawnSync(command, args, { env: { ...env, ...own }, encoding: 'utf8' });
	return { said: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), stderr };
};

describe('the command starts Node with what a program cannot set for itself, and hands nothing of it on', () => {
	const flags = ['--min-semi-space-size=2', '--max-semi-space-size=2'];
	const args = ['--version', 'a "b"  $c', '*', ''];

	test('by its name', () => {
		expect(told('backout', args)).toEqual({ said: [flags, args, null], stderr: '' });
	});

	test.each(shells.filter((shell) => !shellMissing(shell)))('read by %s', (shell) => {
		const words = shell === 'busybox' ? ['sh', link, ...args] : [link, ...args];
		expect(told(shellPath(shell), words)).toEqual({ said: [flags, args, null], stderr: '' });
	});

	test('what the operator has set stays', () => {
		expect(told('backout', args, { MALLOC_TRIM_THRESHOLD_: '4194304' })).toEqual({
			said: [flags, args, '4194304'],
			stderr: '',
		});
	});

	test('and by Node itself it starts as well', () => {
		expect(told(process.execPath, [program, ...args])).toEqual({ said: [[], args, null], stderr: '' });
	});
});

test('an old Node is told which one is needed, and what to do in a clone', () => {
	const old = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[`--import=data:text/javascript,${encodeURIComponent(old)}`, program, '--version'],
		{ encoding: 'utf8' },
	);
	expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
	expect(stderr).toContain('it needs Node 22.12 or newer');
	expect(stderr).toContain('In a clone, `npm ci` installs one for it alone: npm run --silent backout -- …');
});
