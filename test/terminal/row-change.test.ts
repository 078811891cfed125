import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowChange } from '../../src/terminal/row-change.ts';
import { createVirtualTerminal, type VirtualTerminal } from '../helpers/virtual-terminal.ts';

const columns = 24;

/** A stretch of one style, as the screens write them: set, or added to what is set, and reset or not. */
const stretch = fc.record({
	style: fc.constantFrom('', '\u001b[0m', '\u001b[31m', '\u001b[1m', '\u001b[0;32m', '\u001b[7m', '\u001b[m'),
	text: fc.constantFrom('a', 'ab ', '12', '▇▅▁', '│', 'é', '  '),
});
const row = fc
	.array(stretch, { maxLength: 9 })
	.map((all) => `${all.map(({ style, text }) => style + text).join('')}\u001b[0m`)
	.filter((text) => text.replaceAll(/\u001b\[[\d;]*m/g, '').length <= columns);

/** Returns the row as a person sees it: characters, colours, bold and inverse. */
const seen = (terminal: VirtualTerminal) =>
	Array.from({ length: columns }, (_, column) => {
		const cell = terminal.cell(1, column);
		return `${cell?.getChars() || ' '} ${cell?.getFgColor()} ${cell?.isBold()} ${cell?.isInverse()}`;
	});

const whole = (text: string) => `\u001b[2;1H\u001b[0m\u001b[2K${text}`;

it('makes a row the other one, characters and colours, with fewer bytes than the whole row', async () => {
	await fc.assert(
		fc.asyncProperty(row, row, async (before, after) => {
			const change = rowChange(1, before, after);
			if (change === undefined) {
				return;
			}
			expect(change.length).toBeLessThan(after.length);
			const [one, other] = [createVirtualTerminal(columns, 3, true), createVirtualTerminal(columns, 3, true)];
			one.write(`\u001b[?7l${whole(before)}${change}`);
			other.write(`\u001b[?7l${whole(before)}${whole(after)}`);
			await Promise.all([one.drawn(), other.drawn()]);
			expect(seen(one)).toEqual(seen(other));
			one.dispose();
			other.dispose();
		}),
		{ numRuns: 300 },
	);
});

it('writes one figure and not the row around it', () => {
	const of = (cpu: string) =>
		`\u001b[32m●\u001b[0m engine  \u001b[32mhealthy\u001b[0m ${cpu}% \u001b[2m│\u001b[0m Engine crash`;
	expect(rowChange(4, of('11'), of('12'))).toBe('\u001b[5;20H\u001b[0m2');
});

it('leaves the row whole where a character may take two cells or join another', () => {
	expect(rowChange(0, '漢字 is here, and more', '漢字 is there, and more')).toBeUndefined();
	expect(rowChange(0, 'e\u0301 is here, and more', 'e\u0301 is there, and more')).toBeUndefined();
	expect(rowChange(0, '\u001b]8;;x\u0007link', '\u001b]8;;y\u0007link')).toBeUndefined();
});
