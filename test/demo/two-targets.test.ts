import { afterEach, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { backout } from './demo.ts';

let pty: Pty | undefined;
afterEach(async () => {
	await pty?.close();
	pty = undefined;
});

test('T shows a second target where all is well, and c compares it with the incident', async () => {
	pty = startInPty(process.execPath, [backout, 'demo', 'crash']);
	await pty.waitFor('Size positions by target volatility', 120_000);
	await pty.waitFor('T targets');
	await pressUntil(pty, 'T', '━ Targets', 60_000, 2000);
	// It starts only now.
	await pty.waitFor((screen) => screen.some((row) => /staging .*all 6/.test(row)), 120_000);
	pty.press('c');
	await pty.waitFor('━ demo and staging');
	// The commit that all was well with, beside the one that crashes.
	await pty.waitFor(/commit .*“Size positions by.*“Round sizes to whole lots/);
}, 300_000);
