import { describe, expect, it } from 'vitest';
import { inAscii, isAsciiOnly, toAscii } from '../../src/terminal/ascii.ts';
import { cellWidth } from '../../src/terminal/cells.ts';
import type { TerminalOutput } from '../../src/terminal/terminal-output.ts';

describe('whether a terminal shows UTF-8', () => {
	it.each([
		[{ LANG: 'C' }, true],
		[{ LANG: 'POSIX' }, true],
		[{ LANG: 'de_DE.ISO-8859-1' }, true],
		[{ LANG: 'en_US' }, true],
		[{ LANG: 'en_US.UTF-8' }, false],
		[{ LANG: 'C.utf8' }, false],
		[{ LC_CTYPE: 'UTF-8' }, false],
		[{ LANG: 'C', LC_ALL: 'C.UTF-8' }, false],
		[{ LANG: 'C.UTF-8', LC_ALL: 'C' }, true],
		[{ LANG: 'C', LC_CTYPE: 'C.UTF-8', LC_ALL: '' }, false],
		[{}, false],
	])('%j: ASCII only is %s', (env, expected) => {
		expect(isAsciiOnly(env)).toBe(expected);
	});
});

describe('a text in ASCII', () => {
	it('has other signs, and letters without their marks', () => {
		expect(toAscii('─ 1 Containers ━ ● all 7 ok │ ✗ down ✓ ◐ … → “é” ••••1a2b')).toBe(
			'- 1 Containers - o all 7 ok | x down + ! _ > "e" ....1a2b',
		);
		expect(toAscii('\u001b[31mplain\u001b[0m')).toBe('\u001b[31mplain\u001b[0m');
	});

	it.each(['── ●▲✗?◔◌ ▁▂▃▄▅▆▇█ ▸▾', 'déjà vu', '取引 ok', 'e\u0301', '↳ ⅓ ⠿'])('%s is as wide as before', (text) => {
		const ascii = toAscii(text);
		expect(ascii).toMatch(/^[\u0000-\u007f]*$/);
		expect(cellWidth(ascii)).toBe(cellWidth(text));
	});

	it('is what a terminal gets; its size and its events are its own', () => {
		const written: string[] = [];
		const terminal = {
			columns: 80,
			write: (data: string) => written.push(data) > 0,
			on: () => {},
			off: () => {},
		} satisfies TerminalOutput;
		const ascii = inAscii(terminal);
		ascii.write('● ok');
		terminal.columns = 100;
		expect(written).toEqual(['o ok']);
		expect(ascii.columns).toBe(100);
	});
});
