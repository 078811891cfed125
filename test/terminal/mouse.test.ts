import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMouseFilter, type MouseEvent } from '../../src/terminal/mouse.ts';

const read = (pieces: readonly string[]) => {
	const events: MouseEvent[] = [];
	const filter = createMouseFilter((event) => events.push(event));
	return { keys: pieces.map(filter).join(''), events };
};
const click = '\u001b[<0;11;6M';

describe("the mouse's reports", () => {
	it('become presses and turns of the wheel; releases, other buttons, motion and held keys are nothing', () => {
		const all = `${click}\u001b[<0;11;6m\u001b[<64;1;1M\u001b[<65;300;2M\u001b[<2;1;1M\u001b[<35;1;1M\u001b[<4;1;1M`;
		expect(read([`j${all}k\u001b[A`])).toEqual({
			keys: 'jk\u001b[A',
			events: [
				{ kind: 'click', x: 10, y: 5 },
				{ kind: 'up', x: 0, y: 0 },
				{ kind: 'down', x: 299, y: 1 },
			],
		});
	});

	it('are never typed, wherever the pieces are cut', () => {
		for (let at = 1; at < click.length; at++) {
			const { keys, events } = read([`a${click.slice(0, at)}`, `${click.slice(at)}b`]);
			// Cut behind its first byte it was an Esc already, which quits and cancels nothing.
			expect(keys.replace(/\u001b\[?/, '')).toBe('ab');
			expect(events).toEqual([{ kind: 'click', x: 10, y: 5 }]);
		}
	});

	it('leave everything else as it was typed', () => {
		expect(read(['[<0;1;1M', '\u001b', '[', '<3']).keys).toBe('[<0;1;1M\u001b[<3');
		fc.assert(
			fc.property(
				fc.array(fc.string({ unit: fc.constantFrom('a', '\u001b', '[', 'O', 'A', '~', '1', '<') })),
				(pieces) => {
					const { keys, events } = read([...pieces, 'z']);
					expect(keys).toBe(`${pieces.join('')}z`);
					expect(events).toEqual([]);
				},
			),
		);
	});
});
