import { describe, expect, it } from 'vitest';
import { layLogLine } from '../../src/stores/log-layout.ts';
import { levelOfText } from '../../src/stores/log-level.ts';
import { sanitiseLine } from '../../src/terminal/sanitise.ts';

const palette = { bad: 'BAD', warn: 'WARN', muted: 'MUTED' };
const lay = (text: string, look: { readonly raw?: boolean; readonly isError?: boolean } = {}) =>
	layLogLine(sanitiseLine(Buffer.from(text)), { palette, raw: false, isError: false, ...look });
/** The text with the parts that have a colour in brackets. */
const shown = (text: string, look = {}) => {
	const { text: laid, looks } = lay(text, look);
	return looks
		.map(({ start, look: { code } }, at) => {
			const part = laid.slice(start, looks[at + 1]?.start);
			return code === undefined ? part : `<${code}|${part}>`;
		})
		.join('');
};

describe('the level of a line', () => {
	it.each([
		['2026-11-28 03:10:02,123 ERROR engine: leverage above the cap', 'error'],
		['2026/11/28 03:10:02 [error] 7#7: *1 connect() failed', 'error'],
		['2026-11-28 03:10:02.123 UTC [57] FATAL:  password authentication failed', 'error'],
		['2026-11-28 03:10:02.123 UTC [57] LOG:  checkpoint complete', 'info'],
		['ts=2026-11-28T03:10:02Z caller=main.go:12 level=warn msg="slow scrape"', 'warning'],
		['level=error msg="no such host"', 'error'],
		['E1128 03:10:02.123456   1 server.go:12] no', 'error'],
		['Traceback (most recent call last):', 'error'],
		["KeyError: 'leverage'", 'error'],
		['psycopg2.OperationalError: connection refused', 'error'],
		['WARNING: deprecated', 'warning'],
		['[DEBUG] tick', 'debug'],
		['(INFO) tick', 'info'],
		['03:10:02 | WARN | slow', 'warning'],
		['an error was not found', undefined],
		['GET /ERRORS 200', undefined],
		['TERRORS', undefined],
		['', undefined],
	])('%s', (text, level) => {
		expect(levelOfText(text)).toBe(level);
	});
});

describe('a line of plain text', () => {
	it('is coloured by its level, its time apart', () => {
		expect(shown('2026-11-28 03:10:02,123 ERROR no')).toBe('<MUTED|2026-11-28 03:10:02,123><BAD| ERROR no>');
		expect(shown('03:10:02 WARN slow')).toBe('<MUTED|03:10:02><WARN| WARN slow>');
		expect(shown('03:10:02 INFO well')).toBe('<MUTED|03:10:02> INFO well');
		expect(lay('nothing to say')).toEqual({ text: 'nothing to say', looks: [] });
	});

	it('that the runbook calls an error is one, whatever its level', () => {
		expect(shown('INFO order rejected', { isError: true })).toBe('<BAD|INFO order rejected>');
	});

	it('keeps the colours it came with', () => {
		const line = sanitiseLine(Buffer.from('\u001b[32mERROR\u001b[0m no'));
		expect(layLogLine(line, { palette, raw: false, isError: false })).toBe(line);
	});
});

describe('a line of JSON', () => {
	const json = '{"level":"error","ts":"2026-11-28T03:10:02Z","msg":"no route","host":"db","tries":3,"why":"timed out"}';

	it('is laid out as time, level, message and fields', () => {
		expect(lay(json).text).toBe('2026-11-28T03:10:02Z ERROR no route  host=db  tries=3  why="timed out"');
		expect(shown(json)).toBe(
			'<MUTED|2026-11-28T03:10:02Z ><BAD|ERROR ><BAD|no route><MUTED|  host=>db<MUTED|  tries=>3<MUTED|  why=>"timed out"',
		);
		expect(lay('{"level":30,"time":1795835402000,"msg":"up","pid":{"a":[1]}}').text).toBe(
			'2026-11-28T03:10:02.000Z INFO  up  pid={"a":[1]}',
		);
	});

	it('stays as it came where raw is asked for, and is still coloured', () => {
		expect(shown(json, { raw: true })).toBe(`<BAD|${json}>`);
	});

	it('is not taken for an entry of a log without a message, or broken off', () => {
		expect(lay('{"a":1}').text).toBe('{"a":1}');
		expect(lay(json.slice(0, -4)).text).toBe(json.slice(0, -4));
		expect(lay('{"msg":"x"} and more').text).toBe('{"msg":"x"} and more');
	});

	it('brings nothing to the terminal that its escapes hide', () => {
		const { text } = lay('{"msg":"a\\u001b]0;title\\u0007b\\u202e","k\\u001b[2J":"two\\nrows","n":"\\u0000"}');
		expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
		expect(text).toContain('two ⏎ rows');
	});
});
