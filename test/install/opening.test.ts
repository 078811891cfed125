// What the launcher says on the terminal until the program says something: with programs that do one thing each in place of the bundle.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Pty, type PtyOptions, startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-start-'));
cpSync(dirname(program), join(folder, 'bin'), { recursive: true });
mkdirSync(join(folder, 'dist'));
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
const launcher = join(folder, 'bin', 'backout.js');
const env = { NODE_COMPILE_CACHE: join(folder, 'cache') };
afterAll(() => rmSync(folder, { recursive: true }));

let pty: Pty | undefined;
afterEach(() => pty?.close());

/** Puts a text in front, and starts a program that does `then` when it gets a line. */
const open = (then: string, args: readonly string[], options: PtyOptions = {}): Pty => {
	writeFileSync(
		join(folder, 'dist', 'cli.js'),
		`process.stdin.once('data', () => { process.stdin.pause(); ${then} });`,
	);
	pty = startInPty('sh', ['-c', 'stty -echo; printf "%s" "> "; exec "$@"', 'sh', process.execPath, launcher, ...args], {
		...options,
		env: { ...env, ...options.env },
	});
	return pty;
};
const rows = (of: Pty) => of.screen().filter((row) => row !== '');
const ended = async (of: Pty) => {
	of.send('\r');
	await of.exited;
	expect(of.modes()).toMatchObject(shellModes);
	return rows(of);
};

test.each<[string, readonly string[]]>([
	['opening the dashboard', []],
	['opening the dashboard', ['--config', 'my.yaml', '--read-only', '--theme=light']],
	['opening production', ['--target', 'production']],
	['opening production', ['--read-only', '--target=production', '--debug-log', 'x']],
	['opening the dashboard', ['--target', '\u001b[31m']],
	['starting the demo', ['demo']],
	['starting the demo', ['demo', 'failed-deployment']],
])('%s: %j', async (said, args) => {
	const screen = open("console.log('shown')", args);
	await screen.waitFor(`> backout: ${said} ...`);
	expect(await ended(screen)).toEqual(['> shown']);
});

test.each([
	["process.stdout.write('shown\\n')"],
	["process.stderr.write('shown\\n')"],
	["console.error('shown'); process.exit(1)"],
	["process.stdout.write('\\u001b[?1049hshown'); process.stdout.write('\\u001b[?1049l'); console.log('shown')"],
])('the first output takes its place, whatever it is: %s', async (then) => {
	const screen = open(then, []);
	await screen.waitFor('> backout: opening the dashboard ...');
	expect(await ended(screen)).toEqual(['> shown']);
	expect(screen.raw.split('\u001b8\u001b[K')).toHaveLength(2);
});

test.each([['process.exitCode = 3'], ['process.exit(3)']])(
	'nothing of it stays when the program says nothing: %s',
	async (then) => {
		const screen = open(then, []);
		await screen.waitFor('opening the dashboard ...');
		expect(await ended(screen)).toEqual(['>']);
	},
);

test('nor when it breaks', async () => {
	const screen = open("throw new Error('the ship sinks')", []);
	await screen.waitFor('opening the dashboard ...');
	const left = (await ended(screen)).join('\n');
	expect(left).toContain('the ship sinks');
	expect(left).not.toContain('opening the');
});

test('in a narrow window it is one row, and rows wrap again', async () => {
	const screen = open("console.log('a long line that wraps')", [], { columns: 20, rows: 5 });
	await screen.waitFor('> backout: opening');
	expect(rows(screen)).toHaveLength(1);
	expect(await ended(screen)).toEqual(['> a long line that w', 'raps']);
});

test.each<[string, readonly string[], Record<string, string>]>([
	['help', ['--help'], {}],
	['a command', ['status'], {}],
	['a command after an option', ['--target', 'production', 'status'], {}],
	['an unknown option', ['--nothing'], {}],
	['an option without its value', ['--target'], {}],
	['the host of the demo alone', ['demo', '--serve'], {}],
	['a screen reader', ['--screen-reader'], {}],
	['a screen reader by the environment', [], { INK_SCREEN_READER: 'true' }],
	['a terminal without a screen', [], { TERM: 'dumb' }],
])('nothing is said before %s', async (_name, args, own) => {
	const screen = open("console.log('shown')", args, { env: own });
	await screen.waitFor('>');
	expect(await ended(screen)).toEqual(['> shown']);
	expect(screen.raw).toBe('> shown\r\n');
});

test('nor where the output or the input is no terminal', async () => {
	writeFileSync(join(folder, 'dist', 'cli.js'), "console.log('shown')");
	const { stdout } = spawnSync(process.execPath, [launcher], { env: { ...process.env, ...env }, encoding: 'utf8' });
	expect(stdout).toBe('shown\n');
	pty = startInPty('sh', ['-c', 'echo | "$@"', 'sh', process.execPath, launcher], { env });
	await pty.exited;
	expect(pty.raw).toBe('shown\r\n');
});
