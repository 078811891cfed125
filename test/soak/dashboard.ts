import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { type Place, program } from './place.ts';
import type { Random } from './random.ts';

export interface Use {
	/** ms since the start of the soak. */
	readonly at: number;
	/** Resident memory, MiB. */
	readonly memory: number;
	readonly descriptors: number;
}

export const openDashboard = (place: Place): Pty =>
	startInPty(process.execPath, [program, '--target', 'lab'], {
		columns: 120,
		rows: 40,
		cwd: place.folder,
		env: place.env,
	});

export const useOf = (pid: number, at: number): Use => {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return {
		at,
		memory: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024),
		descriptors: readdirSync(`/proc/${pid}/fd`).length,
	};
};

/** Keys that look and never change anything: nothing is confirmed by them. */
const keys = [
	'j',
	'k',
	'g',
	'G',
	'tab',
	'1',
	'2',
	'3',
	'4',
	'5',
	'l',
	's',
	't',
	'w',
	'+',
	'?',
	'esc',
	'esc',
	'pageUp',
	'pageDown',
];

/** Plays with the dashboard until told to stop; resizes it now and then, to next to nothing and back. */
export const play = async (pty: Pty, random: Random, signal: AbortSignal): Promise<void> => {
	while (!signal.aborted) {
		pty.press(random.one(keys));
		if (random.chance(0.05)) {
			pty.resize(random.one([2, 40, 80, 200]), random.one([1, 12, 24, 60]));
		}
		await delay(random.between(50, 800), undefined, { signal }).catch(() => {});
	}
	pty.resize(120, 40);
};

/** Back to the dashboard itself, from wherever it was led. */
export const settleDashboard = async (pty: Pty, patienceMs: number): Promise<void> => {
	const until = Date.now() + patienceMs;
	for (;;) {
		pty.press('esc');
		await delay(400);
		if (pty.screen().join('\n').includes('link up') || Date.now() > until) {
			return pty.waitFor('link up', 1000);
		}
	}
};
