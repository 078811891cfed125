import { describe, expect, it } from 'vitest';
import { night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

const open = async (...args: Parameters<typeof openApp>) => {
	const app = await openApp(...args);
	await app.terminal.waitFor('exit 1');
	await app.terminal.press('l');
	await app.terminal.waitFor('Log of trading-engine');
	return { ...app, logs: current(app) };
};
const current = (opened: OpenedApp) => {
	const logs = opened.fake.together.at(-1);
	if (logs === undefined) {
		throw new Error('no log is followed');
	}
	return logs;
};
const type = (opened: OpenedApp, text: string) => opened.terminal.press(...text);

describe('the logs screen', () => {
	it.each([
		[120, 40],
		[80, 24],
		[40, 12],
		[200, 60],
	])('fills %i×%i, and gives the log up when it is left', async (columns, rows) => {
		const app = await openApp({ columns, rows });
		await app.terminal.press('l');
		await app.terminal.waitFor('Log of trading-engine');
		current(app).write(Array.from({ length: 200 }, (_, at) => `line ${at}`).join('\n'));
		await app.terminal.waitFor('line 199');
		const screen = app.terminal.screen();
		expect(screen[rows - 2]).toBe('line 199');
		expect(screen[4]).toBe(`line ${200 - (rows - 5)}`);
		expect(screen[2]).toContain('trading-engine');
		await app.terminal.press('esc');
		expect(app.fake.calls).toContain('close logs trading-engine');
		expect(app.text()).not.toContain('the newest lines');
	});

	it('filters with &, says how many lines match, and keeps the filter over another choice of lines', async () => {
		const opened = await open();
		opened.logs.write('an error\nfine\nanother Error\nfine too');
		await opened.terminal.waitFor('fine too');
		await type(opened, '&error');
		expect(opened.text()).toContain('&error▏  plain text');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('2 of 4 lines match');
		expect(opened.text()).not.toContain('fine');
		await opened.terminal.press('S');
		await opened.arm();
		await opened.terminal.press('s');
		expect(opened.fake.calls).toContain('logs trading-engine start');
		current(opened).write('third error\nfine');
		await opened.terminal.waitFor('1 of 2 lines match');
		expect(opened.terminal.screen()[2]).toContain('since its start · & error');
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('fine');
	});

	it('says what is wrong with a regular expression while it is typed, and takes none that is', async () => {
		const opened = await open();
		opened.logs.write('GET /a 200\nGET /b 500');
		await opened.terminal.press('&', 'ctrl-r');
		await type(opened, '(5');
		expect(opened.text()).toContain('✗ no regular expression: Unterminated group');
		await opened.terminal.press('enter');
		expect(opened.text()).toContain('&(5▏');
		await type(opened, '|4)\\d\\d');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('1 of 2 lines match');
		expect(opened.text()).not.toContain('GET /a');
	});

	it('gives up an expression that never ends, says so, and takes keys again', async () => {
		const opened = await open();
		opened.logs.write(`${'a'.repeat(60)}!\nplain`);
		await opened.terminal.waitFor('plain');
		await type(opened, '&/^(a+)+$/');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('takes too long for a single line');
		await opened.terminal.press('w');
		await opened.terminal.waitFor('wrapped');
		expect(opened.text()).toContain('plain');
	});

	it('searches, and ends the search before it is left', async () => {
		const opened = await open();
		opened.logs.write(Array.from({ length: 200 }, (_, at) => `line ${at}`).join('\n'));
		await opened.terminal.waitFor('line 199');
		await type(opened, '/line 77');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor((screen) => screen.includes('line 77'));
		await type(opened, '/nowhere');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Nothing matches /nowhere');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Log of trading-engine');
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('Containers');
	});

	it('goes to the errors of the runbook, and shows which line it is', async () => {
		const opened = await open();
		opened.logs.write(`an ERROR\nno error\n${Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')}`);
		await opened.terminal.waitFor('line 99');
		await opened.terminal.press('e');
		await opened.terminal.waitFor('an ERROR');
		const row = opened.terminal.screen().indexOf('an ERROR');
		expect(opened.terminal.cell(row, 0)?.isInverse()).toBeTruthy();
		expect(opened.terminal.cell(row + 1, 0)?.isInverse()).toBeFalsy();
		await opened.terminal.waitFor('error 1 of 1');
	});

	it('lays JSON out, and shows it as it came', async () => {
		const opened = await open();
		opened.logs.write('{"level":"error","msg":"no route","host":"db"}');
		await opened.terminal.waitFor('ERROR no route  host=db');
		await opened.terminal.press('v');
		await opened.terminal.waitFor('"msg":"no route"');
		expect(opened.text()).toContain('raw, v lays JSON out');
	});

	it('marks, and goes back to the mark', async () => {
		const opened = await open();
		opened.logs.write(Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n'));
		await opened.terminal.waitFor('line 99');
		await opened.terminal.press('m');
		await opened.terminal.waitFor('mark 1 of 1, set at');
		opened.logs.write(Array.from({ length: 100 }, (_, at) => `later ${at}`).join('\n'));
		await opened.terminal.waitFor('later 99');
		expect(opened.text()).not.toContain('mark 1 of 1');
		await opened.terminal.press("'");
		await opened.terminal.waitFor('mark 1 of 1');
		expect(opened.text()).toContain('paused');
	});

	it('puts services together by a checklist: each line with its name', async () => {
		const opened = await open();
		await opened.terminal.press('l');
		await opened.terminal.waitFor('[x] trading-engine');
		await opened.terminal.press('g', 'k', 'space', 'enter');
		await opened.terminal.waitFor('Logs of 2 services');
		expect(opened.fake.calls).toContain('close logs trading-engine');
		expect(opened.fake.calls.at(-1)).toBe('logs prometheus trading-engine newest');
		const logs = current(opened);
		logs.write('from the first', 0);
		logs.write('from the second', 1);
		await opened.terminal.waitFor('from the second');
		const rows = opened.terminal.screen();
		expect(rows.find((row) => row.includes('from the first'))).toBe('prometheus     │ from the first');
		expect(rows.find((row) => row.includes('from the second'))).toBe('trading-engine │ from the second');
		const [first, second] = ['prometheus ', 'trading-engine │'].map((label) =>
			opened.terminal.cell(
				rows.findIndex((row) => row.startsWith(label)),
				0,
			),
		);
		expect(first?.getFgColor()).not.toBe(second?.getFgColor());
	});

	it('is opened by the palette, also for several', async () => {
		const app = await openApp();
		await app.terminal.press(':');
		await type(app, 'logs postgres loki');
		await app.terminal.press('enter');
		await app.terminal.waitFor('Logs of 2 services');
		expect(app.fake.calls).toContain('logs postgres loki newest');
	});

	it('asks for older lines at the top, and says how far they go', async () => {
		const opened = await open();
		opened.logs.write('one\ntwo');
		await opened.terminal.waitFor('two');
		expect(opened.terminal.screen()[2]).toContain('↑ at the top reads older lines');
		await opened.terminal.press('k');
		expect(opened.fake.calls).toContain('older lines');
		opened.logs.older.set({ state: 'reading', lines: 1200 });
		await opened.terminal.waitFor('reading, 1,200 lines so far …');
		opened.logs.older.set({ state: 'begins' });
		await opened.terminal.waitFor('the log begins here');
	});

	it('says when the log is lost, first of all', async () => {
		const opened = await open({ columns: 80, rows: 24 });
		opened.logs.status.set({ status: 'lost', reason: 'the link is down' });
		await opened.terminal.waitFor('lost: the link is down');
	});

	it('saves the lines that match or all of them, and says which; with time and service', async () => {
		const opened = await open();
		opened.logs.write('an error\nfine', 0, night + 0.5);
		await opened.terminal.waitFor('fine');
		await opened.terminal.press('ctrl-s');
		await opened.terminal.waitFor('Saved 70 B to /home/mara/backout-trading-engine-');
		await type(opened, '&error');
		await opened.terminal.press('enter', 'ctrl-s');
		await opened.terminal.waitFor('Save which lines?');
		await opened.arm();
		await opened.terminal.press('m');
		await opened.terminal.waitFor('the lines that match only');
		expect(opened.fake.calls.filter((call) => call.startsWith('save lines'))).toEqual([
			'save lines of trading-engine: 2026-11-22T03:10:20.000500Z an error\n2026-11-22T03:10:20.000500Z fine\n',
			'save lines of trading-engine: 2026-11-22T03:10:20.000500Z an error\n',
		]);
	});

	it('gives the log the rows of the header as well', async () => {
		const opened = await open();
		await opened.terminal.press('f');
		expect(opened.terminal.screen()[1]).toContain('Log of trading-engine');
		await opened.terminal.press('f');
		expect(opened.terminal.screen()[3]).toContain('Log of trading-engine');
	});

	it('lets nothing of a log steer the terminal', async () => {
		const opened = await open();
		opened.logs.write('\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[0m');
		await opened.terminal.waitFor('red');
		expect(opened.terminal.raw).not.toContain('\u001b]0;title');
		expect(opened.text()).toContain('Log of trading-engine');
	});
});
