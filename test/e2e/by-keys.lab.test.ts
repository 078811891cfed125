import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import type { Pty } from '../helpers/pty.ts';
import { breakLab, type FaultName, healLab, judge, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { deployedState } from './deployed-state.ts';

interface Case {
	readonly title: string;
	readonly fault: FaultName;
}

/** Each takes what is preset, and brings the service back. `engine-crash` and `disable-trading` are in dashboard.lab.test.ts. */
const cases: readonly Case[] = [
	{ title: 'Failed deployment', fault: 'crash-commit' },
	{ title: 'Configuration error', fault: 'env-broken' },
	{ title: 'IB Gateway does not connect', fault: 'gateway-lost' },
];

describe.skipIf(withoutLab)('procedures by keys', () => {
	let place: Workplace;
	let pty: Pty | undefined;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
		// This test is about the keys, not about the settling time.
		place.write(
			'short.yaml',
			'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 3 }\nverification: { deadline: 90s }\n',
		);
	});
	afterEach(async () => {
		await pty?.close();
		pty = undefined;
		await healLab();
	});
	afterAll(() => place?.remove());

	const open = () => {
		const opened = place.open();
		pty = opened;
		return opened;
	};
	/** Opens the confirmation from the plan and answers it, as the screen asks. */
	const start = async (terminal: Pty) => {
		const answer = setInterval(() => {
			const screen = terminal.screen().join('\n');
			if (screen.includes('Start it now?')) {
				terminal.press('y');
			} else if (screen.includes('Nothing has changed yet')) {
				terminal.press('enter');
			}
		}, 400);
		await terminal.waitFor(/step \d of \d|Steps done/).finally(() => clearInterval(answer));
	};

	const byKeys = async ({ title, fault }: Case) => {
		await breakLab(fault);
		const terminal = open();
		await terminal.waitFor(title);
		terminal.press('/');
		terminal.send(title);
		await terminal.waitFor((screen) => !screen.join().includes('Roll back to an image'));
		// Ends the filter, opens what it left, and takes what is preset.
		await pressUntil(terminal, 'enter', 'Nothing has changed yet', 60_000);
		await start(terminal);
		await terminal.waitFor(/(?:Rolled back|Done) and verified/, 120_000);
		expect(await judge()).toMatchObject({ ok: true });
	};
	test.each(cases)('$title', { tags: 'long' }, byKeys);

	test('U in the list of runs: the way back is planned, confirmed, run and verified', { tags: 'long' }, async () => {
		const before = await deployedState();
		const stopped = await place.run('run', 'disable-trading', '--yes');
		expect(stopped.code, stopped.stdout + stopped.stderr).toBe(0);
		expect(await deployedState()).not.toBe(before);
		const terminal = open();
		await terminal.waitFor('Disable trading');
		await pressUntil(terminal, 'r', '━ Runs', 30_000);
		await terminal.waitFor(/Disable trading\s+✓? *steps done/);
		terminal.press('U');
		await terminal.waitFor('Undo Disable trading');
		await terminal.waitFor('Nothing has changed yet');
		await start(terminal);
		await terminal.waitFor(/(?:Rolled back|Done) and verified/, 120_000);
		expect(await deployedState()).toBe(before);
	});
});
