import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { waitFor } from '../lab/processes.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

export interface Use {
	/** ms since the start of the soak. */
	readonly at: number;
	/** Resident memory, MiB. */
	readonly memory: number;
	/** Heap and buffers that are alive after a garbage collection, MiB. */
	readonly live: number;
	readonly descriptors: number;
}

const memoryFile = (place: Place) => join(place.folder, 'memory');

export const openDashboard = (place: Place): Pty =>
	startInPty(process.execPath, ['--import', join(import.meta.dirname, 'tell-memory.ts'), program, '--target', 'lab'], {
		columns: 120,
		rows: 40,
		cwd: place.folder,
		// Should it end by itself, it says where.
		env: { ...place.env, BACKOUT_SOAK_MEMORY: memoryFile(place), BACKOUT_DEBUG: '1' },
	});

const read = (file: string) => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/** @param turn how often it was asked before, and once */
export const useOf = async (place: Place, pid: number, turn: number, at: number): Promise<Use> => {
	process.kill(pid, 'SIGUSR2');
	const told = () => read(memoryFile(place)).split(' ');
	if (!(await waitFor(() => told()[0] === String(turn), 30_000, 50))) {
		throw new Error('the dashboard does not tell its memory');
	}
	return {
		at,
		memory: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024),
		live: Math.round((Number(told()[1]) / 1024 / 1024) * 10) / 10,
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

/** Plays with the dashboard until told to stop, or until it ends; resizes it now and then, to next to nothing and back. */
export const play = async (pty: Pty, random: Random, stop: AbortSignal): Promise<void> => {
	const ended = new AbortController();
	void pty.exited.then(() => ended.abort());
	const signal = AbortSignal.any([stop, ended.signal]);
	while (!signal.aborted) {
		pty.press(random.one(keys));
		if (random.chance(0.05)) {
			pty.resize(random.one([2, 40, 80, 200]), random.one([1, 12, 24, 60]));
		}
		await delay(random.between(50, 800), undefined, { signal }).catch(() => {});
	}
	if (!ended.signal.aborted) {
		pty.resize(120, 40);
	}
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
