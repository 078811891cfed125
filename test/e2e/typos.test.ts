import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { startInPty } from '../helpers/pty.ts';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-'));
	writeFileSync(join(folder, 'backout.yaml'), 'targets:\n  production:\n    host: local\n    directory: /srv/app\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const call = (...args: readonly string[]) =>
	spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });

test.each([
	['stauts', 'status'],
	['rnu', 'run'],
	['pln', 'plan'],
	['report-last', undefined],
])('the unknown command %s: did you mean %s', (typed, meant) => {
	const { status, stderr } = call(typed, 'x');
	expect(status).toBe(2);
	expect(stderr).toContain(`unknown command '${typed}'`);
	expect(stderr).toContain('See backout --help.');
	expect(/Did you mean (\S+)\?/.exec(stderr)?.[1]).toBe(meant);
});

test('options after an unknown command do not hide what is wrong', () => {
	const { status, stderr, stdout } = call('stauts', '--json');
	expect(status).toBe(2);
	expect(stderr).toContain("unknown command 'stauts'");
	expect(stderr).toContain('Did you mean status?');
	expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'usage', exitCode: 2 });
	expect(call('--jsno').stderr).toContain("unknown option '--jsno'");
	expect(call('status', '--jsno').stderr).toContain('--json');
});

test('a command refuses arguments that it does not take', () => {
	expect(call('status', 'x')).toMatchObject({ status: 2, stderr: expect.stringContaining('too many arguments') });
});

test('every example of --help is a command that there is', () => {
	const { stdout } = call('--help');
	const examples = [
		...(/Examples:\n([\s\S]*?)\n\n/.exec(stdout)?.[1] ?? '').matchAll(/^ {2}\$ backout (.*?)(?: {2,}|$)/gm),
	];
	expect(examples.length).toBeGreaterThan(5);
	for (const [, words = ''] of examples) {
		const [first = ''] = words.split(' ').filter((word) => !word.startsWith('-') && word !== 'production');
		expect(first === '' ? 0 : call(first, '--help').status, words).toBe(0);
	}
});

test('the examples of a command are of that command, with options that it has', async () => {
	const commands = ['attach', 'continue', 'report', 'cancel', 'undo', 'retry', 'check', 'doctor', 'init', 'demo'];
	const helps = await Promise.all(
		[...commands, 'verify', 'run', 'plan', 'inputs', 'status', 'logs', 'prune'].map(async (name) => {
			const { stdout } = await promisify(execFile)(process.execPath, [program, name, '--help']);
			return { name, stdout };
		}),
	);
	for (const { name, stdout } of helps) {
		const examples = [...stdout.slice(stdout.indexOf('Examples:')).matchAll(/^ {2}\$ backout (.*)$/gm)];
		expect(examples.length, name).toBeGreaterThan(0);
		for (const [, words = ''] of examples) {
			const own = words.replace(/^--target \S+ /, '');
			expect(own.split(' ')[0]).toBe(name);
			for (const [option] of own.matchAll(/--[a-z-]+/g)) {
				expect(stdout, words).toContain(option);
			}
		}
	}
});

test('a terminal that can only take text is told which command prints text', async () => {
	const pty = startInPty(process.execPath, [program], { cwd: folder, env: { TERM: 'dumb' } });
	const { code } = await pty.exited;
	expect(code).toBe(2);
	expect(pty.raw).toContain('TERM=dumb');
	expect(pty.raw).toMatch(/status` prints the same as text/);
	expect(pty.raw).not.toContain('\u001b');
	await pty.close();
});
