import { afterEach, describe, expect, test } from 'vitest';
import type { OlderLines } from '../../src/stores/followed-logs.ts';
import { createPattern, type LinePattern, readPattern } from '../../src/stores/line-pattern.ts';
import { createLogLines, type LogLinesOptions } from '../../src/stores/log-lines.ts';
import { createLogView, type LogView } from '../../src/stores/log-view.ts';
import { createPaneView } from '../../src/stores/pane-view.ts';
import { createStore } from '../../src/stores/store.ts';
import { until } from '../helpers/until.ts';

const bytes = new TextEncoder();
const open: LogView[] = [];
afterEach(() => {
	for (const view of open.splice(0)) {
		view.close();
	}
});

const pattern = (text: string, regexp = false, inverted = false): LinePattern => {
	const made = createPattern(text, { regexp, inverted });
	if ('error' in made) {
		throw new Error(made.error);
	}
	return made;
};
const start = (options: LogLinesOptions = {}) => {
	const lines = createLogLines({ throttleMs: 1, ...options });
	let asked = 0;
	const view = createLogView(
		{
			services: ['engine'],
			since: 'newest',
			lines,
			sources: createStore([{ service: 'engine', label: 'engine' }]),
			status: createStore<{ status: 'live' | 'ended' | 'lost' }>({ status: 'live' }),
			older: createStore<OlderLines>({ state: 'more' }),
			readOlder: () => {
				asked++;
			},
			errors: () => ({ pattern: 'error', except: 'no error' }),
			close: () => {},
		},
		{ colour: false, services: ['engine'] },
	);
	open.push(view);
	const entry = (text: string, note = false) => ({ source: 0, time: 0, note, bytes: bytes.encode(text) });
	return {
		view,
		lines,
		asked: () => asked,
		write: (...texts: string[]) => lines.append(texts.map((text) => entry(text))),
		note: (text: string) => lines.append([entry(text, true)]),
		older: (...texts: string[]) => lines.prepend(texts.map((text) => entry(text))),
	};
};
const rows = (view: LogView, height = 6) =>
	view.pane
		.draw({ width: 60, height: height + 1, title: 'Log', focused: true })
		.slice(1)
		.map(({ text }) => text.replaceAll(/\u001b\[[\d;]*m/g, ''));
const heading = (view: LogView) =>
	view.pane.draw({ width: 130, height: 7, title: 'Log', focused: true })[0]?.text ?? '';
const done = (view: LogView) => until(view.progress, ({ left }) => left === 0);
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}`);

describe('memory', () => {
	test('holds so much and no more: the oldest lines go, older ones have room only where there is some', () => {
		const { lines, write, older } = start({ pages: 3, pageLines: 100 });
		write(...numbered(0, 150));
		expect(older(...numbered(-180, 0))).toBe(100);
		expect(Buffer.from(lines.line(lines.firstLine) ?? []).toString()).toBe('line -100');
		expect([lines.firstLine, lines.lineCount, lines.held]).toEqual([-100, 150, 250]);
		write(...numbered(150, 1000));
		expect(Buffer.from(lines.line(lines.firstLine) ?? []).toString()).toBe('line 700');
		expect(lines.held + lines.dropped).toBe(1100);
		expect(lines.line(699)).toBeUndefined();
	});
});

describe('a filter', () => {
	test('shows what matches and the notes, and counts only what matches', async () => {
		const { view, write, note } = start();
		write('an error', 'fine');
		note('── engine started again');
		write('Error two', 'fine too');
		rows(view);
		view.filter(pattern('error'));
		await done(view);
		expect(rows(view, 4)).toEqual(['an error', '── engine started again', 'Error two', '']);
		expect(heading(view)).toContain('2 of 4 lines match');
		write('third error', 'nothing');
		await until(view.progress, ({ matching }) => matching === 3);
		expect(rows(view, 4)[3]).toBe('third error');
		view.filter(undefined);
		expect(rows(view, 8)).toContain('fine too');
	});

	test('inverted, and as a regular expression', async () => {
		const { view, write } = start();
		write('GET /a 200', 'GET /b 500', 'POST /c 404');
		rows(view);
		view.filter(pattern('\\s[45]\\d\\d$', true));
		await done(view);
		expect(rows(view, 3)).toEqual(['GET /b 500', 'POST /c 404', '']);
		view.filter(pattern('\\s[45]\\d\\d$', true, true));
		await done(view);
		expect(rows(view, 2)).toEqual(['GET /a 200', '']);
	});

	test('keeps who has scrolled up about where he is', async () => {
		const { view, write } = start();
		write(...numbered(0, 500));
		rows(view);
		view.pane.toTop();
		view.pane.scrollBy(200);
		expect(rows(view)[0]).toBe('line 200');
		view.filter(pattern('5'));
		await done(view);
		expect(rows(view)[0]).toBe('line 205');
		view.pane.scrollBy(-1);
		expect(rows(view)[0]).toBe('line 195');
		view.filter(undefined);
		expect(rows(view)[0]).toBe('line 195');
	});

	test('counts what left the memory as it does, and says what went by unfiltered', async () => {
		const { view, write, lines } = start({ pages: 2, pageLines: 50 });
		write(...numbered(0, 80));
		view.filter(pattern('line'));
		await done(view);
		write(...numbered(80, 1000));
		await until(view.progress, ({ left, missed }) => left === 0 && missed > 0);
		expect(view.progress.get()).toMatchObject({ matching: lines.held, left: 0 });
		expect(heading(view)).toMatch(/oldest \d+ lines not in memory · \d+ lines went by unfiltered/);
	});

	test('that would take for ever is given up, and all is shown', async () => {
		const { view, write } = start();
		write(`${'a'.repeat(60)}!`, 'short');
		view.filter(pattern('^(a+)+$', true));
		await until(view.progress, ({ tooSlow }) => tooSlow);
		expect(view.state.get().filter).toBeUndefined();
		expect(rows(view, 2)).toEqual([`${'a'.repeat(59)}a`, 'short']);
	});

	test('gives the event loop back while it looks through a full memory', async () => {
		const { view, write } = start({ throttleMs: 40 });
		for (let round = 0; round < 40; round++) {
			write(...numbered(round * 5000, round * 5000 + 5000));
		}
		let turns = 0;
		const timer = setInterval(() => {
			turns++;
		}, 1);
		view.filter(pattern('7{3}', true));
		await done(view);
		clearInterval(timer);
		expect(view.progress.get()).toMatchObject({
			matching: numbered(0, 200_000).filter((line) => line.includes('777')).length,
		});
		expect(turns).toBeGreaterThan(5);
	});
});

describe('a search', () => {
	test('goes upwards from the end, then from match to match, round', async () => {
		const { view, write } = start();
		write(...numbered(0, 1000));
		rows(view);
		expect(await view.search(pattern('line 5\\d0$', true))).toBe('found');
		expect(rows(view)).toContain('line 590');
		await view.toMatch(-1);
		expect(rows(view)).toContain('line 580');
		await view.toMatch(1);
		await view.toMatch(1);
		expect(rows(view)).toContain('line 500');
		expect(await view.search(pattern('nowhere'))).toBe('nothing');
	});

	test('that would take for ever is given up', async () => {
		const { view, write } = start();
		write(`${'a'.repeat(60)}!`);
		rows(view);
		expect(await view.search(pattern('^(a+)+$', true))).toBe('too slow');
		expect(view.state.get().search).toBeUndefined();
	});

	test('finds errors as the runbook has them', async () => {
		const { view, write } = start();
		write('an ERROR', 'no error here', ...numbered(0, 100));
		rows(view);
		expect(await view.toError(1)).toBe('found');
		expect(rows(view)[0]).toBe('an ERROR');
		await view.toError(1);
		expect(view.state.get().error).toBe(0);
	});
});

test('a mark is a rule with a time under a line, stays there, and can be gone back to', () => {
	const { view, write, older } = start();
	write(...numbered(0, 100));
	rows(view);
	view.mark();
	write(...numbered(100, 200));
	rows(view);
	expect(view.toMark()).toBe(true);
	const shown = rows(view);
	expect(shown[shown.indexOf('line 99') + 1]).toMatch(/^──── mark 1 of 1, set at \d\d:\d\d:\d\d ─+$/);
	older(...numbered(-50, 0));
	expect(rows(view)).toEqual(shown);
});

test('at the top, moving up asks for older lines; they come above what is shown', () => {
	const { view, write, older, asked } = start();
	write(...numbered(0, 100));
	rows(view);
	view.pane.pageBy(-1);
	expect(asked()).toBe(0);
	view.pane.toTop();
	expect(asked()).toBe(1);
	older(...numbered(-50, 0));
	expect(rows(view)[0]).toBe('line 0');
	view.pane.scrollBy(-1);
	expect(rows(view)[0]).toBe('line -1');
});

test('a bad regular expression says what is wrong with it; a prompt is read as less reads it', () => {
	expect(readPattern('(a', { regexp: true })).toEqual({ error: 'Unterminated group' });
	expect(readPattern('/[/')).toEqual({ error: 'Unterminated character class' });
	expect(readPattern('!/a|b/')).toMatchObject({ text: 'a|b', regexp: true, inverted: true });
	expect(readPattern('!plain')).toMatchObject({ text: 'plain', regexp: false, inverted: true });
	expect(readPattern('/var/log')).toMatchObject({ text: '/var/log', regexp: false });
	expect(readPattern('!')).toBeUndefined();
	expect(readPattern('error\\S', { regexp: true })).toMatchObject({ text: 'error\\S' });
	expect(pattern('error\\S', true).test('an ERRORS')).toBe(true);
	expect(pattern('Error', true).test('an error')).toBe(false);
});

describe('counting errors', () => {
	const counts = async (view: LogView) => {
		const place = await until(view.state, (state) => state.place !== undefined);
		return place.place;
	};

	test('says which of how many errors in memory one is, also as more come and older ones are read', async () => {
		const { view, write, older } = start();
		write('error a', 'fine', 'no error', 'error b', 'fine', 'error c');
		await view.toError(1);
		expect(await counts(view)).toEqual({ number: 3, of: 3 });
		expect(heading(view)).toContain('error 3 of 3');
		await view.toError(-1);
		expect(await counts(view)).toEqual({ number: 2, of: 3 });
		write('error d');
		older('error 0', 'error 1', 'old');
		await view.toError(-1);
		expect(await counts(view)).toEqual({ number: 3, of: 6 });
	});

	test('counts only what the filter lets through', async () => {
		const { view, write } = start();
		write('error a', 'error b1', 'error a', 'error b2');
		view.filter(pattern('b'));
		await done(view);
		await view.toError(1);
		expect(await counts(view)).toEqual({ number: 2, of: 2 });
		view.filter(undefined);
		expect(heading(view)).not.toContain('error 2 of');
	});

	test('forgets those that have left the memory', async () => {
		const { view, write } = start({ pages: 2, pageLines: 100 });
		write(...Array.from({ length: 150 }, (_, at) => `error ${at}`));
		await view.toError(1);
		expect(await counts(view)).toEqual({ number: 150, of: 150 });
		write(...Array.from({ length: 100 }, (_, at) => `error ${150 + at}`));
		view.pane.toBottom();
		await view.toError(1);
		expect(await counts(view)).toEqual({ number: 150, of: 150 });
	});
});

describe('JSON', () => {
	test('is laid out, and shown as it came by one key that the heading names', () => {
		const lines = createLogLines({ throttleMs: 1 });
		const pane = createPaneView(lines, { palette: { bad: '31', warn: '33', muted: '2' } });
		const draw = () =>
			pane
				.draw({ width: 90, height: 3, title: 'Log', focused: true })
				.map(({ text }) => text.replaceAll(/\u001b\[[\d;]*m/g, ''));
		lines.append([{ source: 0, time: 0, bytes: bytes.encode('plain') }]);
		expect(draw()[0]).not.toContain('JSON');
		const json = '{"level":"warn","msg":"slow","ms":9}';
		lines.append([{ source: 0, time: 0, bytes: bytes.encode(json) }]);
		expect(draw()[0]).toContain('JSON, v shows it raw');
		expect(draw()[2]).toBe('WARN  slow  ms=9');
		pane.toggleRaw();
		expect(draw()[0]).toContain('raw, v lays JSON out');
		expect(draw()[2]).toBe(json);
	});
});
