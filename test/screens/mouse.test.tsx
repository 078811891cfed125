import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenedApp, openApp } from './open-app.tsx';

let app: OpenedApp;
beforeEach(async () => {
	app = await openApp();
});
afterEach(() => app.terminal.close());

const report = (button: number, x: number, y: number) => `\u001b[<${button};${x + 1};${y + 1}M`;
/** The middle of where a text stands. */
const placeOf = (text: string) => {
	const y = app.terminal.screen().findIndex((row) => row.includes(text));
	const x = app.terminal.screen()[y]?.indexOf(text) ?? -1;
	expect(y, text).toBeGreaterThanOrEqual(0);
	return [x + Math.floor(text.length / 2), y] as const;
};
const click = async (text: string) => {
	await app.terminal.send(report(0, ...placeOf(text)));
	await app.terminal.settle();
};
const wheel = async (text: string, down: boolean) => {
	await app.terminal.send(report(down ? 65 : 64, ...placeOf(text)));
	await app.terminal.settle();
};
const on = async () => {
	await app.terminal.press('M');
	await app.terminal.waitFor('Mouse on');
};
/** True when the row with a text is the selected one. */
const isSelected = (text: string) => {
	const [x, y] = placeOf(text);
	return Boolean(app.terminal.cell(y, x)?.isInverse());
};

describe('the mouse', () => {
	it('is off until a key turns it on, and off again', async () => {
		expect(app.terminal.modes().mouse).toBe(false);
		await click('Restore the database');
		expect(isSelected('Restore the database')).toBe(false);
		await on();
		expect(app.terminal.modes().mouse).toBe(true);
		await app.terminal.press('M');
		await app.terminal.waitFor('Mouse off');
		expect(app.terminal.modes().mouse).toBe(false);
		expect(app.terminal.raw).toContain('\u001b[?1006h');
	});

	it('is in the palette', async () => {
		await app.terminal.press(':');
		await app.terminal.send('mouse on');
		await app.terminal.press('enter');
		await app.terminal.waitFor('Mouse on');
		expect(app.terminal.modes().mouse).toBe(true);
	});

	it('focuses and selects with a press, and opens nothing', async () => {
		await on();
		await click('Restore the database');
		expect(isSelected('Restore the database')).toBe(true);
		await click('postgres  ');
		expect(isSelected('postgres  ')).toBe(true);
		expect(isSelected('Restore the database')).toBe(false);
		await click('IB connection');
		expect(isSelected('IB connection')).toBe(true);
		await click('Log of');
		await app.terminal.waitFor('▸ 9 ');
		await click('Restore the database');
		await click('Restore the database');
		expect(app.text()).toContain('Containers');
		expect(app.fake.calls.filter((call) => !call.includes('log'))).toEqual([]);
	});

	it('moves with the wheel in the panel under it', async () => {
		await on();
		await wheel('Roll back to a commit', true);
		expect(isSelected('Roll back to an image')).toBe(true);
		await wheel('Roll back to a commit', false);
		expect(isSelected('Engine crash')).toBe(true);
		await wheel('ibgateway', true);
		expect(isSelected('ibgateway')).toBe(true);
	});

	it('scrolls the output under it, whatever is focused', async () => {
		await on();
		const log = app.fake.logs[0];
		log?.output.append(new TextEncoder().encode(Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('')));
		await app.terminal.waitFor('line 99');
		await wheel('line 99', false);
		await app.terminal.waitFor('paused');
		await app.terminal.waitFor((screen) => !screen.join('\n').includes('line 99'));
		expect(isSelected('Engine crash')).toBe(true);
	});

	it('selects in the list of runs, and opens nothing', async () => {
		const [one] = app.fake.stores.runs.get() ?? [];
		if (one === undefined) {
			throw new Error('the journal has no run');
		}
		const other = {
			...one,
			id: '20261121T180000Z-0a0b',
			startedAt: one.startedAt - 720_000,
			procedure: 'verify',
			title: 'Verify',
		};
		app.fake.stores.runs.set([one, other]);
		await app.terminal.press('r');
		await on();
		await click('Verify');
		expect(isSelected('Verify')).toBe(true);
		await wheel('Verify', false);
		expect(isSelected('Verify')).toBe(false);
		expect(app.fake.calls.filter((call) => call.startsWith('attach'))).toEqual([]);
	});

	it('answers no question and reaches nothing under one', async () => {
		await on();
		await app.terminal.press('enter');
		await app.terminal.waitFor('4 choices');
		await click('55aa910');
		expect(isSelected('55aa910')).toBe(true);
		const [x, y] = placeOf('0c1d2e3');
		await app.terminal.press('?');
		await app.terminal.waitFor('Keys');
		await app.terminal.send(report(0, x, y));
		await app.terminal.press('esc');
		await app.terminal.waitFor('4 choices');
		expect(isSelected('55aa910')).toBe(true);
		await app.terminal.press('enter');
		await app.terminal.waitFor('Nothing has changed yet.');
		await app.terminal.press('enter');
		await app.terminal.waitFor('Start it now?');
		await app.arm();
		await click('y starts');
		await click('[No]');
		await click('Start it now?');
		await wheel('Start it now?', true);
		expect(app.text()).toContain('Start it now?');
		expect(app.fake.calls.some((call) => call.startsWith('start'))).toBe(false);
	});
});
