import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labDir, layout } from './layout.ts';
import { take } from './lock.ts';
import { waitFor } from './processes.ts';

/**
 * The folders of the labs that tests use side by side, each test file one of them for itself: three, as a test waits for
 * a part of its time; or the one that `$BACKOUT_LAB_DIR` names.
 */
export function lanes(): readonly string[] {
	return process.env.BACKOUT_LAB_DIR ? [labDir()] : [first, `${first}-2`, `${first}-3`];
}

/** The default folder of the first lab. */
const first = join(import.meta.dirname, '../../.lab');

/** Makes this process use a lab that no other test file uses now, and gives it free when the process ends. Waits for one; gives its folder. */
export async function takeLane(): Promise<string> {
	let taken: string | undefined;
	const takeOne = () => {
		taken = lanes().find(takeThis);
		return taken !== undefined;
	};
	await waitFor(takeOne, 600_000, 50);
	if (taken === undefined) throw new Error('no lab became free within ten minutes');
	return taken;
}

/** Shares what takes minutes to make: it is made once, for the first lane. */
export function shareCache(lane: string): void {
	const [from, to] = [layout(first).baseTar, layout(lane).baseTar];
	if (from === to || existsSync(to) || !existsSync(from)) return;
	mkdirSync(dirname(to), { recursive: true });
	copyFileSync(from, to);
}

function takeThis(lane: string): boolean {
	const file = join(lane, 'taken');
	mkdirSync(lane, { recursive: true });
	if (!take(file)) return false;
	process.env.BACKOUT_LAB_DIR = lane;
	process.once('exit', () => rmSync(file, { force: true }));
	return true;
}
