import { afterEach, expect, it } from 'vitest';
import { type OpenedApp, openApp } from './open-app.tsx';

let app: OpenedApp | undefined;
afterEach(async () => {
	await app?.terminal.close();
	app = undefined;
});

it.each([
	['2', 'trading-engine, time to answer'],
	['4', 'NAV, EUR'],
])('panel %s opens charts, and goes back', async (panel, title) => {
	app = await openApp({ columns: 120, rows: 40 });
	await app.terminal.press(panel, 'enter');
	await app.terminal.waitFor(title);
	expect(app.text()).toContain('now');
	expect(app.terminal.screen().at(-1)).not.toContain('charts');
	await app.terminal.press('esc');
	await app.terminal.waitFor('7 Procedures');
	expect(app.terminal.screen().at(-1)).toContain('Enter charts');
});

it('shows the use of each container as a line', async () => {
	app = await openApp({ columns: 200, rows: 60 });
	await app.terminal.waitFor('ibgateway');
	expect(app.text()).toMatch(/ibgateway .*41% +█ +812M +▇/);
});
