import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { backout } from './demo.ts';

let folder: string;
let pty: Pty;

beforeEach(() => {
	// The demo's own folder is made in here, so that what it leaves can be seen.
	folder = mkdtempSync(join(tmpdir(), 'bo-'));
});
afterEach(async () => {
	await pty.close();
	rmSync(folder, { recursive: true, force: true });
});

const open = (...args: readonly string[]) =>
	startInPty(process.execPath, [backout, 'demo', ...args], { cwd: folder, env: { TMPDIR: folder } });

test('by keys: from a broken deployment to a verified rollback, and nothing stays', async () => {
	pty = open();
	// The guide says what to try next, all the way.
	await pty.waitFor(/▶ enter: the plan of "Engine crash/, 120_000);
	await pressUntil(pty, 'enter', 'Nothing has changed yet', 120_000);
	await pty.waitFor(/▶ (j and k choose, enter goes on|Read it: j scrolls, o unfolds)/);
	const answer = setInterval(() => {
		const screen = pty.screen().join('\n');
		if (screen.includes('Start it now?')) {
			pty.press('y');
		} else if (screen.includes('Nothing has changed yet') && !screen.includes('Starting ')) {
			// While the run starts, the plan stays in view; a key of then would open what is selected in the run.
			pty.press('enter');
		}
	}, 400);
	await pty.waitFor(/step \d of \d|Steps done/, 120_000).finally(() => clearInterval(answer));
	await pty.waitFor('Rolled back and verified', 120_000);
	await pty.waitFor('▶ Verified. U plans the undo');
	await pressUntil(pty, 'esc', '▶ It is verified', 30_000);
	expect(readdirSync(folder)).toHaveLength(1);
	await pressUntil(pty, 'q', () => !pty.modes().alternateScreen, 60_000);
	expect((await pty.exited).code).toBe(0);
	// The normal screen keeps the run's id, its result, and that its host is gone.
	expect(pty.screen().join('\n')).toMatch(
		/Engine crash after a deployment on demo: Rolled back and verified\s+run \S+\s+the demo host ends/,
	);
	expect(readdirSync(folder)).toEqual([]);
}, 400_000);

test('killed, it leaves no file after a moment', async () => {
	pty = open('gateway');
	await pty.waitFor(/▶ enter: the plan of "IB Gateway/, 120_000);
	const [name = ''] = readdirSync(folder);
	pty.kill('SIGKILL');
	await pty.exited;
	await expect.poll(() => existsSync(join(folder, name))).toBe(false);
});
