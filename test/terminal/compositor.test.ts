import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Compositor, createCompositor } from '../../src/terminal/compositor.ts';
import { createVirtualTerminal, type VirtualTerminal } from '../helpers/virtual-terminal.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the compositor', () => {
	let shown: VirtualTerminal;
	let compositor: Compositor;
	let output: EventEmitter & { writableNeedDrain: boolean };
	let rows: string[];

	beforeEach(() => {
		shown = createVirtualTerminal(20, 6);
		output = Object.assign(new EventEmitter(), {
			isTTY: true,
			columns: 20,
			rows: 6,
			writableNeedDrain: false,
			write: (data: string) => {
				shown.write(data);
				return true;
			},
		});
		compositor = createCompositor(output as unknown as Parameters<typeof createCompositor>[0]);
		rows = ['one', 'two'];
		compositor.setRegion('pane', {
			top: 2,
			height: 2,
			draw: () => rows.map((text) => ({ text, cells: text.length })),
		});
	});
	afterEach(() => {
		compositor.close();
		shown.dispose();
	});
	const open = () => compositor.stdout.write('\u001b[?1049h');
	const frame = (text: string) => {
		compositor.stdout.write('\u001b[?2026h');
		compositor.stdout.write(text);
		compositor.stdout.write('\u001b[?2026l');
	};
	const written = async (change: () => void) => {
		const before = shown.raw.length;
		change();
		await turn();
		await turn();
		await shown.drawn();
		return shown.raw.slice(before);
	};

	it('paints nothing before the alternate screen and after it', async () => {
		expect(await written(() => frame('hello'))).toBe('\u001b[?2026hhello\u001b[?2026l');
		open();
		await shown.waitFor('two');
		compositor.stdout.write('\u001b[?1049l');
		rows = ['three', 'four'];
		expect(await written(() => compositor.invalidate('pane', 'now'))).toBe('');
	});

	it('paints in the frame of another, in the same update, and leaves its cursor alone', async () => {
		open();
		expect(await written(() => frame('\u001b[1;1Htop\u001b[6;5H'))).toMatch(/^\u001b\[\?2026h.*two.*\u001b\[\?2026l$/s);
		expect(shown.screen()).toEqual(['top', '', 'one', 'two', '', '']);
		expect(shown.cursor).toEqual({ row: 5, column: 4 });
		expect(shown.modes()).toMatchObject({ wraparound: true, synchronized: false });
	});

	it('writes only rows that differ, and nothing when none does', async () => {
		open();
		await written(() => frame('x'));
		expect(await written(() => compositor.invalidate('pane', 'now'))).toBe('');
		rows = ['one', 'six'];
		const bytes = await written(() => compositor.invalidate('pane', 'now'));
		expect(bytes).toContain('six');
		expect(bytes).not.toContain('one');
	});

	it.each([
		['a row erased', '\u001b[3;1H\u001b[2K'],
		['a row overwritten', '\u001b[4;1Hxxxx'],
		['a screen scrolled', '\u001b[6;1H\n'],
		['lines erased upwards', '\u001b[6;1H\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2K'],
		['all below erased', '\u001b[2;1H\u001b[J'],
		['an unknown sequence', '\u001b[2L'],
	])('paints again after %s', async (_, damage) => {
		open();
		await written(() => frame('x'));
		await written(() => frame(damage));
		expect(shown.screen().slice(2, 4)).toEqual(['one', 'two']);
		compositor.stdout.write(damage);
		await shown.waitFor((screen) => screen[2] === 'one' && screen[3] === 'two');
	});

	it('erases rows it gives up before the frame that draws on them', async () => {
		open();
		rows = ['a long row', 'another'];
		await written(() => frame('x'));
		compositor.setRegion('pane', undefined);
		await written(() => frame('\u001b[3;3Hnew'));
		expect(shown.screen().slice(2, 4)).toEqual(['  new', '']);
	});

	it('gives a slow terminal the newest rows when it is ready, not all in between', async () => {
		open();
		await written(() => frame('x'));
		output.writableNeedDrain = true;
		for (const word of ['three', 'four', 'five']) {
			rows = [word, word];
			expect(await written(() => compositor.invalidate('pane', 'now'))).toBe('');
		}
		output.writableNeedDrain = false;
		output.emit('drain');
		await shown.waitFor('five');
		expect(shown.raw).not.toContain('three');
	});

	it('does not let a row that is wider than thought run into the next one', async () => {
		open();
		rows = ['one', 'x'.repeat(30)];
		await written(() => frame('x'));
		expect(shown.screen().slice(2, 5)).toEqual(['one', expect.stringMatching(/^x{20}$/), '']);
	});
});
