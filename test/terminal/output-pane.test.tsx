import { Box, Text, useWindowSize } from 'ink';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { useBindings } from '../../src/components/keymap/keymap-provider.tsx';
import { OutputPane } from '../../src/components/output-pane.tsx';
import { usePaneKeys } from '../../src/components/pane-keys.ts';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import type { OutputBuffer } from '../../src/stores/output-buffer.ts';
import { createPaneView, type PaneView } from '../../src/stores/pane-view.ts';
import { type RenderedTerminal, type RenderTerminalOptions, renderTerminal } from '../helpers/terminal.ts';

const HEAD = 3;

const Screen = ({ view }: { readonly view: PaneView }) => {
	const { columns, rows } = useWindowSize();
	const [dialog, setDialog] = useState(false);
	const [count, setCount] = useState(0);
	usePaneKeys(view, { active: !dialog });
	useBindings([
		{ keys: ['D'], label: 'dialog', run: () => setDialog(!dialog) },
		{ keys: ['+'], label: 'count', run: () => setCount(count + 1) },
	]);
	const head = Math.min(HEAD, rows);
	return (
		<Box flexDirection="column" height={rows} width={columns}>
			{Array.from({ length: head }, (_, row) => (
				<Text key={row} wrap="truncate">{`head ${row} count ${count}`}</Text>
			))}
			{dialog ? (
				<Box height={rows - head} flexDirection="column">
					<Text>are you sure?</Text>
				</Box>
			) : (
				<OutputPane view={view} title="Log" top={head} height={rows - head} width={columns} focused />
			)}
		</Box>
	);
};

const open: RenderedTerminal[] = [];
afterEach(async () => {
	for (const terminal of open.splice(0)) {
		await terminal.close();
	}
});

const start = async (options: RenderTerminalOptions = {}) => {
	const buffer = createOutputBuffer();
	const view = createPaneView(buffer);
	const terminal = await renderTerminal(<Screen view={view} />, { columns: 60, rows: 12, ...options });
	open.push(terminal);
	return { buffer, view, terminal };
};
const feed = (buffer: OutputBuffer, text: string) => buffer.append(Buffer.from(text));
const numbered = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');
const body = (terminal: RenderedTerminal) => terminal.screen().slice(HEAD + 1);

describe.each(['compositor', 'ink'] as const)('an output pane drawn by %s', (panes) => {
	it('shows the newest lines under a flood, and what is above stays right', async () => {
		const { buffer, terminal } = await start({ panes });
		for (let round = 0; round < 50; round++) {
			feed(buffer, numbered(round * 1000 + 1, round * 1000 + 1000));
			if (round % 10 === 0) {
				await terminal.press('+');
			}
		}
		await terminal.waitFor('line 50000');
		expect(terminal.screen().slice(0, 3)).toEqual(['head 0 count 5', 'head 1 count 5', 'head 2 count 5']);
		expect(body(terminal)).toEqual(Array.from({ length: 8 }, (_, row) => `line ${49993 + row}`));
		expect(terminal.screen()[3]).toMatch(/^▸ Log ─+ following · 50,000 lines ─$/);
	});

	it('keeps wide characters and control sequences inside their row', async () => {
		const { buffer, terminal } = await start({ panes, columns: 20 });
		feed(buffer, '\u001b[2J\u001b[H\u001b]0;title\u0007wiped?\n');
		feed(buffer, `${'漢字'.repeat(20)}\n`);
		feed(buffer, 'down\u000b\u000cload 10%\rload 20%\n\u001b[31mred\u001b[0m plain\n\u001bP+q\u001b\\end\n');
		await terminal.waitFor('end');
		expect(body(terminal).slice(0, 5)).toEqual([
			'wiped?',
			'漢字漢字漢字漢字漢字',
			'download 10%␍load 20',
			'red plain',
			'end',
		]);
		expect(terminal.cell(7, 0)?.getFgColor()).toBe(1);
		expect(terminal.cell(7, 4)?.isFgDefault()).toBe(true);
		expect(terminal.screen()[0]).toBe('head 0 count 0');
	});

	it('gives its rows to a dialog and takes them back', async () => {
		const { buffer, terminal } = await start({ panes });
		feed(buffer, numbered(1, 100));
		await terminal.waitFor('line 100');
		await terminal.press('D');
		await terminal.waitFor('are you sure?');
		feed(buffer, numbered(101, 200));
		await terminal.settle();
		expect(terminal.screen().slice(3).filter(Boolean)).toEqual(['are you sure?']);
		await terminal.press('D');
		await terminal.waitFor('line 200');
		expect(body(terminal)[0]).toBe('line 193');
		expect(terminal.screen().join('\n')).not.toContain('sure');
	});

	it('stays whole through resizes, down to one cell and back', async () => {
		const { buffer, terminal } = await start({ panes });
		feed(buffer, numbered(1, 100));
		for (const [columns, rows] of [
			[40, 9],
			[100, 30],
			[1, 1],
			[3, 40],
			[60, 12],
		] as const) {
			terminal.resize(columns, rows);
			await terminal.settle();
		}
		await terminal.waitFor((screen) => screen[11] === 'line 100');
		expect(terminal.screen()).toEqual([
			'head 0 count 0',
			'head 1 count 0',
			'head 2 count 0',
			expect.stringMatching(/^▸ Log ─+ following · 100 lines ─$/),
			...Array.from({ length: 8 }, (_, row) => `line ${93 + row}`),
		]);
	});

	it('stops following when scrolled up, counts what is new, and follows again', async () => {
		const { buffer, terminal } = await start({ panes });
		feed(buffer, numbered(1, 100));
		await terminal.waitFor('line 100');
		await terminal.press('k', 'k');
		await terminal.waitFor((screen) => screen[4] === 'line 91');
		feed(buffer, numbered(101, 150));
		await terminal.waitFor('50 new lines below');
		expect(body(terminal)[0]).toBe('line 91');
		await terminal.press('G');
		await terminal.waitFor((screen) => screen[11] === 'line 150' && /following/.test(screen[3] ?? ''));
	});

	it('searches what has come, and goes from match to match', async () => {
		const { buffer, terminal } = await start({ panes });
		feed(buffer, numbered(1, 50));
		feed(buffer, 'Error: one\n');
		feed(buffer, numbered(51, 100));
		feed(buffer, 'another error\n');
		feed(buffer, numbered(101, 200));
		await terminal.waitFor('line 200');
		await terminal.send('/error\r');
		await terminal.waitFor('another error');
		await terminal.press('N');
		await terminal.waitFor('Error: one');
		await terminal.press('n');
		await terminal.waitFor('another error');
		await terminal.send('/Error\r');
		await terminal.waitFor('Error: one');
		const row = terminal.screen().indexOf('Error: one');
		expect(terminal.cell(row, 0)?.isInverse()).toBeTruthy();
		await terminal.send('/nowhere\r');
		await terminal.waitFor('/nowhere not found');
	});

	it('wraps, and shows when lines came', async () => {
		const { buffer, terminal } = await start({ panes, columns: 30 });
		feed(buffer, `${'a'.repeat(70)}\n${'b'.repeat(10)}\n`);
		await terminal.press('w');
		await terminal.waitFor((screen) => screen[6] === 'a'.repeat(10) && screen[7] === 'b'.repeat(10));
		await terminal.press('t');
		await terminal.waitFor((screen) => /^\d\d:\d\d:\d\d a{21}$/.test(screen[4] ?? ''));
		expect(body(terminal).slice(1, 5)).toEqual([
			`         ${'a'.repeat(21)}`,
			`         ${'a'.repeat(21)}`,
			`         ${'a'.repeat(7)}`,
			expect.stringMatching(/^\d\d:\d\d:\d\d b{10}$/),
		]);
	});
});
