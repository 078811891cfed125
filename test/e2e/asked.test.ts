import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

let place: LocalPlace;
let pty: Pty;
beforeEach(() => {
	place = createLocalPlace();
});
afterEach(async () => {
	await pty?.close();
	place.remove();
});

const changed = () => existsSync(join(place.directory, 'changed'));
/** `run change` in a terminal, asked whether to go on. */
const open = (env: Record<string, string> = {}) => {
	pty = startInPty(process.execPath, [program, 'run', 'change', '--input', 'api_token=fine'], {
		cwd: place.folder,
		env: { XDG_STATE_HOME: place.home, ...env },
	});
	return pty;
};

test('what was typed before the question does not answer it', async () => {
	open();
	pty.send('y\ry\ry\r');
	await pty.waitFor(/y or N: *$/m);
	pty.send('\r');
	expect((await pty.exited).code).toBe(4);
	expect(changed()).toBe(false);
});

test('an answer after the question counts', async () => {
	open();
	await pty.waitFor(/y or N: *$/m);
	pty.send('y\r');
	expect((await pty.exited).code).toBe(0);
	expect(changed()).toBe(true);
});

test.each([
	['Backspace', () => pty.send('n\u007f')],
	['a new width', () => pty.resize(60, 24)],
])('after %s the question is still to be seen', async (_, act) => {
	open();
	await pty.waitFor(/y or N: *$/m);
	act();
	pty.send('x');
	await pty.waitFor(/: x$/m);
	expect(pty.screen().join('\n')).toMatch(/^Run this on .*\? y or N: x$/m);
	expect(changed()).toBe(false);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s ends a question, and nothing was changed', async (signal) => {
	open();
	await pty.waitFor(/y or N: *$/m);
	pty.kill(signal);
	expect((await pty.exited).code).not.toBe(0);
	expect(pty.screen().join('\n')).toContain('stopped by the operator');
	expect(changed()).toBe(false);
});
