import { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawRow } from '../../src/terminal/row.ts';
import { sanitiseLine, sanitiseText } from '../../src/terminal/sanitise.ts';
import { runs } from '../fuzz/runs.ts';

const bytes = (text: string) => Buffer.from(text);
const plain = (text: string) => sanitiseLine(bytes(text)).text;
const drawn = (line: Uint8Array, width: number) => drawRow(sanitiseLine(line), { width }).text;

// Bytes that make up sequences come up often, so that they meet.
const nasty = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				...['\u001b', '\u001b[', '\u001b]', '\u001bP', '\u001b_', '\u001b^', '\u001bX', '\u001b\\', '\u0007', '\u0018'],
				...['\u009b', '\u009d', '\u0090', '\u009c', '0;31', '?1049h', '2J', 'm', 'H', 'A', '\r', '\n', '\t', '\b'],
				...[
					'\u202e',
					'\u2066',
					'\u200d',
					'\ufe0f',
					'\u0301',
					'漢',
					'👩‍👩‍👧',
					'🇩🇪',
					'👍🏽',
					'ㅤ',
					'é',
					'\u0600',
					'\u{13430}',
					'\u{110bd}',
					'\u{e0041}',
				],
			),
			fc.string({ unit: 'binary' }),
			fc.string(),
		),
		{ maxLength: 30 },
	)
	.map((parts) => bytes(parts.join('')));
const anyBytes = fc.oneof(nasty, fc.uint8Array({ maxLength: 200 }));

const write = (terminal: Terminal, data: string) =>
	new Promise<void>((resolve) => {
		terminal.write(data, resolve);
	});

describe('a line of remote bytes', () => {
	it.each([
		['plain text', 'plain text'],
		['\u001b[31mred\u001b[0m', 'red'],
		['a\u001b]0;title\u0007b', 'ab'],
		['a\u001b]52;c;aGk=\u001b\\b', 'ab'],
		['a\u001bPpayload\u001b\\b', 'ab'],
		['a\u001b_payload\u001b\\b\u001b^x\u001b\\c\u001bXy\u001b\\d', 'abcd'],
		['a\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\b', 'alinkb'],
		['never ended \u001b]0;title', 'never ended '],
		['c1 \u009b2Jcsi \u009dtitle\u009cosc', 'c1 csi osc'],
		['esc in osc \u001b]0;x\u001b[31mred', 'esc in osc red'],
		['charset \u001b(0x\u001bc done', 'charset x done'],
		['a\tb\t漢\tc', 'a       b       漢      c'],
		['10%\r20%\r30%', '10%␍20%␍30%'],
		['windows\r', 'windows'],
		['bell\u0007 back\b\b null\u0000', 'bell back null'],
		['txt.\u202egpj.exe', 'txt.\ufffdgpj.exe'],
		['zero\u200bwidth\u00ad', 'zerowidth'],
		['fill\u3164er', 'fill\ufffder'],
		['stacked \u{13079}\u{13430}\u{1309d}', 'stacked \u{13079}\u{1309d}'],
	])('%j shows as %j', (given, shown) => {
		expect(plain(given)).toBe(shown);
	});

	it('shows invalid UTF-8 as U+FFFD', () => {
		expect(sanitiseLine(Uint8Array.of(0x61, 0xff, 0x9b, 0x33, 0x31, 0x6d, 0xc3)).text).toBe('a\ufffd\ufffd31m\ufffd');
	});

	it('does not let marks pile up on one character', () => {
		expect(plain(`a${'\u0301'.repeat(50)}b`)).toBe(`a${'\u0301'.repeat(4)}b`);
	});

	it('keeps a colour, but nothing that hides text or passes for a mark of ours', () => {
		expect(drawn(bytes('\u001b[1;31mred\u001b[m plain'), 80)).toBe('\u001b[0;1;31mred\u001b[0m plain');
		for (const hiding of ['8', '30', '7', '5', '40', '38;5;16', '38;2;0;0;0', '48;5;1', '38:2::0:0:0']) {
			expect(drawn(bytes(`\u001b[${hiding}mseen`), 80)).toBe('seen');
		}
		expect(sanitiseLine(bytes('\u001b[31mred'), { colour: false }).looks).toEqual([]);
	});

	it('never gives a control character, whatever comes', () => {
		fc.assert(
			fc.property(anyBytes, (line) => {
				expect(sanitiseLine(line).text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|\p{Cf}(?<![\p{Nd}\u0600-\u08e2])/u);
				expect(drawn(line, 40).replaceAll(/\u001b\[0(;\d+)*m/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
				expect(sanitiseText(Buffer.from(line).toString('latin1'))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
			}),
			runs(2000),
		);
	});

	it('never moves the cursor out of its row nor changes a mode, in a terminal', async () => {
		const terminal = new Terminal({ cols: 40, rows: 5, allowProposedApi: true });
		const modes = () => JSON.stringify(terminal.modes);
		await write(terminal, '\u001b[3;1H');
		const before = modes();
		await fc.assert(
			fc.asyncProperty(anyBytes, async (line) => {
				// Without wrapping, as rows are painted: terminals differ in how wide they take some characters for.
				await write(terminal, `\u001b[3;1H\u001b[?7l${drawn(line, 40)}\u001b[?7h`);
				expect(terminal.buffer.active.cursorY).toBe(2);
				expect(terminal.buffer.active.type).toBe('normal');
				expect(modes()).toBe(before);
				for (const other of [0, 1, 3, 4]) {
					expect(terminal.buffer.active.getLine(other)?.translateToString(true)).toBe('');
				}
			}),
			runs(500),
		);
		terminal.dispose();
	});
});
