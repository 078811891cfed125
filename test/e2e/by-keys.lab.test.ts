import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import type { Pty } from '../helpers/pty.ts';
import { breakLab, type FaultName, healLab, judge, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

interface Case {
	readonly title: string;
	readonly fault: FaultName;
}

/** Each takes what is preset, and brings the service back. `engine-crash` and `disable-trading` are in dashboard.lab.test.ts. */
const cases: readonly Case[] = [{ title: 'Configuration error', fault: 'env-broken' }];

describe.skipIf(withoutLab)('procedures by keys', () => {
	let place: Workplace;
	let pty: Pty | undefined;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo());
	});
	afterEach(async () => {
		await pty?.close();
		pty = undefined;
		await healLab();
	});
	afterAll(() => place?.remove());

	/** From the dashboard to the plan, taking every preset. */
	const openPlan = async (terminal: Pty, title: string) => {
		await terminal.waitFor(title, 30_000);
		terminal.press('/');
		terminal.send(title);
		await terminal.waitFor((screen) => screen.join('\n').split(title).length >= 3);
		await pressUntil(terminal, 'enter', 'Nothing has been changed yet', 40_000);
	};
	const start = async (terminal: Pty) => {
		terminal.press('enter');
		await terminal.waitFor('Start it now?');
		await pressUntil(terminal, 'y', /step \d of \d|Steps done/);
	};

	test.each(cases)('$title', async ({ title, fault }) => {
		await breakLab(fault);
		const terminal = place.open();
		pty = terminal;
		await openPlan(terminal, title);
		await start(terminal);
		await terminal.waitFor(/(?:Rolled back|Done) and verified/, 150_000);
		expect(await judge()).toMatchObject({ ok: true });
	});
});
