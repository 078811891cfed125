import { expect, it } from 'vitest';
import { openApp } from './open-app.tsx';

it.each([
	['3', 'trading-engine, time to answer'],
	['4', 'NAV, EUR'],
])('panel %s opens charts, and goes back', async (panel, title) => {
	const app = await openApp({ columns: 120, rows: 40 });
	await app.terminal.press(panel, 'enter');
	await app.terminal.waitFor(title);
	expect(app.text()).toContain('now');
	expect(app.keyRow()).not.toContain('charts');
	await app.terminal.press('esc');
	await app.terminal.waitFor('7 Procedures');
	expect(app.keyRow()).toContain('Enter charts');
});

it('shows the use of each container as a line', async () => {
	const app = await openApp({ columns: 200, rows: 60 });
	await app.terminal.waitFor('ibgateway');
	expect(app.text()).toMatch(/ibgateway .*41% +█ +812M +▇/);
});

it('orders the containers by what is asked for, and says by what', async () => {
	const app = await openApp({ columns: 120, rows: 40 });
	const { terminal } = app;
	const services = () =>
		terminal
			.screen()
			.flatMap(
				(row) =>
					/^ [●▲✗] (trading-engine|ibgateway|postgres|prometheus|grafana|alertmanager|loki) /.exec(row)?.[1] ?? [],
			)
			.slice(0, 7);
	await terminal.press('1');
	await terminal.waitFor('o order');
	await terminal.press('o');
	await terminal.waitFor('Containers by CPU');
	expect(services().slice(0, 2)).toEqual(['ibgateway', 'postgres']);
	await terminal.press('o', 'o');
	await terminal.waitFor('Containers by restarts');
	expect(services()[0]).toBe('trading-engine');
	await terminal.press('o', 'o');
	await terminal.waitFor('Containers by name');
	expect(services()).toEqual(services().toSorted());
	await terminal.press('o');
	await terminal.waitFor(() => !app.text().includes('Containers by'));
});

it('shows a panel that has no room zoomed when its number is pressed', async () => {
	const app = await openApp({ columns: 80, rows: 24 });
	const { terminal, text } = app;
	expect(text()).not.toContain('8 Links');
	await terminal.press('8');
	await terminal.waitFor('8 Links');
	await terminal.waitFor('http://94.130.228.55:3000');
	await terminal.press('esc');
	await terminal.waitFor('7 Procedures');
});
