import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';

let folder: string;
let pty: Pty | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-'));
});
afterEach(async () => {
	await pty?.close();
	pty = undefined;
	rmSync(folder, { recursive: true, force: true });
});

test('what commands print has the colours of the theme: by option, by environment, by config', async () => {
	const colourOf = async (args: readonly string[], env: Record<string, string> = {}) => {
		const shown = startInPty(process.execPath, [program, ...args, 'status'], { cwd: folder, env });
		try {
			await shown.exited;
			const row = shown.screen().findIndex((line) => line.startsWith('backout:'));
			const cell = shown.cell(row, 0);
			return cell?.isFgDefault() ? undefined : cell?.getFgColor();
		} finally {
			await shown.close();
		}
	};
	writeFileSync(
		join(folder, 'backout.yaml'),
		'theme: light\ntargets:\n  shop:\n    host: root@127.0.0.1:1\n    directory: /srv/app\n',
	);
	expect(await colourOf([])).toBe(124);
	expect(await colourOf([], { BACKOUT_THEME: 'high-contrast' })).toBe(210);
	expect(await colourOf(['--theme', 'colour-blind'], { BACKOUT_THEME: 'high-contrast' })).toBe(208);
	expect(await colourOf(['--theme', 'dark'])).toBe(1);
	expect(await colourOf([], { NO_COLOR: '1' })).toBeUndefined();
});

test('--screen-reader says the screen in words, by option and by environment', async () => {
	writeFileSync(
		join(folder, 'backout.yaml'),
		'targets:\n  shop:\n    host: root@127.0.0.1:1\n    directory: /srv/app\n',
	);
	for (const [args, env] of [
		[['--screen-reader'], {}],
		[[], { INK_SCREEN_READER: 'true' }],
	] as const) {
		pty = startInPty(process.execPath, [program, ...args], { cwd: folder, env });
		await pty.waitFor(/^Panel 7 Procedures, focused$/m);
		await pty.waitFor(/not connected, trying again/);
		expect(pty.screen().join('\n')).not.toMatch(/[\u2500-\u259f●✗]/);
		await pty.waitFor(() => pty?.modes().bracketedPaste === true);
		pty.press('q');
		expect((await pty.exited).code).toBe(0);
		expect(pty.modes().alternateScreen).toBe(false);
		await pty.close();
	}
});

test('the mouse is heard through a real terminal, and what it reports is never typed', async () => {
	writeFileSync(
		join(folder, 'backout.yaml'),
		'targets:\n  shop:\n    host: root@127.0.0.1:1\n    directory: /srv/app\n    runbook: abstractfinance\n',
	);
	const opened = startInPty(process.execPath, [program], { cwd: folder });
	pty = opened;
	await opened.waitFor('Stop everything');
	await opened.waitFor(() => opened.modes().bracketedPaste);
	opened.press('M');
	await opened.waitFor(() => opened.modes().mouse);
	const row = opened.screen().findIndex((line) => line.includes('Stop everything'));
	const column = opened.screen()[row]?.indexOf('Stop everything') ?? -1;
	const isSelected = () => Boolean(opened.cell(row, column)?.isInverse());
	expect(isSelected()).toBe(false);
	// Cut in the middle, as on a slow line.
	opened.send(`\u001b[<0;${column + 1}`);
	await new Promise((resolve) => setTimeout(resolve, 100));
	opened.send(`;${row + 1}M\u001b[<0;${column + 1};${row + 1}m`);
	await opened.waitFor(isSelected);
	// Typed, the digits would have moved the focus, and the wheel is the keys j and k.
	opened.send(`\u001b[<64;${column + 1};${row + 1}M`);
	await opened.waitFor(() => !isSelected());
	expect(opened.screen().join('\n')).toContain('7 Procedures');
	opened.press('q');
	expect((await opened.exited).code).toBe(0);
});
