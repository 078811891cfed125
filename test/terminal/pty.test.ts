import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';

// Next to the sources, so that it finds node_modules.
const root = join(import.meta.dirname, '..', '..');
let folder = '';
let program = '';
beforeAll(async () => {
	folder = await mkdtemp(join(root, 'node_modules', '.fixture-'));
	program = join(folder, 'app.mjs');
	await build({
		entryPoints: [join(import.meta.dirname, 'fixture', 'app.tsx')],
		outfile: program,
		bundle: true,
		packages: 'external',
		format: 'esm',
		platform: 'node',
		jsx: 'automatic',
	});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let pty: Pty | undefined;
afterEach(async () => {
	await pty?.close();
	pty = undefined;
});

/** A shell with job control, as an operator has it. */
const shell = async (): Promise<Pty> => {
	pty = startInPty('/bin/sh', ['-i'], { columns: 80, rows: 24, env: { PS1: 'shell$ ', ENV: '' } });
	await pty.waitFor('shell$');
	return pty;
};
const run = async (): Promise<Pty> => {
	const terminal = await shell();
	terminal.send(`'${process.execPath}' '${program}'\r`);
	await terminal.waitFor(
		(screen) => /heading 80x24[\s\S]*line \d+/.test(screen.join('\n')) && terminal.modes().bracketedPaste,
	);
	return terminal;
};
const asItWas = async (terminal: Pty) => {
	// Before the shell has the terminal again, what is typed would go to the program.
	await terminal.waitFor(
		(screen) => !terminal.modes().alternateScreen && screen.filter((row) => row !== '').at(-1) === 'shell$',
	);
	expect(terminal.modes()).toEqual(shellModes);
	terminal.send('stty -a | tr " " "\\n" | grep -x -e icanon -e echo -e isig; echo end=$?\r');
	await terminal.waitFor(/icanon[\s\S]*\becho\n[\s\S]*end=0/);
};

it('leaves the terminal as it found it when it is quit', async () => {
	const terminal = await run();
	expect(terminal.modes()).toMatchObject({ alternateScreen: true, cursorHidden: true, bracketedPaste: true });
	terminal.press('q');
	await asItWas(terminal);
});

it.each(['TERM', 'HUP', 'INT'])('leaves the terminal as it found it on SIG%s', async (signal) => {
	const terminal = await run();
	// The shell is the leader of the session; the program is its only child.
	const { execFileSync } = await import('node:child_process');
	const child = execFileSync('ps', ['-o', 'pid=', '--ppid', String(terminal.pid)])
		.toString()
		.trim();
	process.kill(Number(child), `SIG${signal}`);
	await terminal.waitFor(() => !terminal.modes().alternateScreen);
	await asItWas(terminal);
});

it('leaves the terminal as it found it when rendering fails', async () => {
	const terminal = await run();
	terminal.press('B');
	await terminal.waitFor('ended: broken while rendering');
	await asItWas(terminal);
});

it('leaves the terminal as it found it when a key fails', async () => {
	const terminal = await run();
	terminal.press('E');
	await terminal.waitFor('failed at a key');
	await asItWas(terminal);
});

it('stops at Ctrl-Z and comes back whole', async () => {
	const terminal = await run();
	terminal.press('x', 'x');
	await terminal.waitFor('typed xx.');
	terminal.press('ctrl-z');
	await terminal.waitFor(/Stopped/);
	await asItWas(terminal);
	terminal.resize(60, 20);
	terminal.send('fg\r');
	await terminal.waitFor(/heading 60x20 typed xx\.\n▸ Log ─[\s\S]*line \d+$/);
	expect(
		terminal
			.screen()
			.slice(2)
			.every((row) => /^line \d+$/.test(row)),
	).toBe(true);
	terminal.press('x');
	await terminal.waitFor('typed xxx.');
	terminal.press('q');
	await terminal.waitFor(() => !terminal.modes().alternateScreen);
	await asItWas(terminal);
});

it('goes on at Ctrl-Z where there is no shell to come back from', async () => {
	pty = startInPty(process.execPath, [program], { columns: 80, rows: 24 });
	// Bracketed paste comes with raw mode; before that, the terminal itself would take Ctrl-Z.
	await pty.waitFor(() => pty?.modes().bracketedPaste === true);
	pty.press('ctrl-z');
	await pty.waitFor(() => (pty?.raw.split('\u001b[?1049h').length ?? 0) > 2);
	pty.press('x');
	await pty.waitFor('typed x.');
	pty.press('q');
	expect(await pty.exited).toEqual({ code: 0, signal: 0 });
});

it('follows the window as it changes its size', async () => {
	const terminal = await run();
	for (const [columns, rows] of [
		[100, 30],
		[40, 10],
		[80, 24],
	] as const) {
		terminal.resize(columns, rows);
		await terminal.waitFor(
			(screen) =>
				screen[0] === `heading ${columns}x${rows} typed .` && screen.slice(2).every((row) => /^line \d+$/.test(row)),
		);
	}
});
