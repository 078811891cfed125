import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import width from '../../src/terminal/fast-width.ts';

test('every character of the basic plane is as wide as string-width has it', () => {
	const differ: string[] = [];
	for (let code = 0; code <= 0xffff; code++) {
		const text = String.fromCharCode(code);
		if (width(text) !== stringWidth(text)) {
			differ.push(code.toString(16));
		}
	}
	expect(differ).toEqual([]);
});

test.each([
	'',
	'─ 1 Containers ─ ● all 20 ok ─┬━',
	'\u001b[1;38:5:12mbold\u001b[0m ✓',
	'\u001b]8;;http://x\u0007link\u001b]8;;\u0007',
	'e\u0301 ✓\ufe0f 👩‍👩‍👧 日本',
	'\u001b[31',
])('%j is as wide, too', (text) => {
	expect(width(text)).toBe(stringWidth(text));
	expect(width(text, { countAnsiEscapeCodes: true })).toBe(stringWidth(text, { countAnsiEscapeCodes: true }));
});
