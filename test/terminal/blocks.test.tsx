import { Box } from 'ink';
import { useLayoutEffect, useState } from 'react';
import { expect, onTestFinished, test } from 'vitest';
import { CanvasArea } from '../../src/components/canvas-area.tsx';
import { span } from '../../src/components/line.ts';
import { DynamicBlock } from '../../src/components/live-block.tsx';
import { createStore } from '../../src/stores/store.ts';
import { type RenderedTerminal, renderTerminal } from '../helpers/terminal.ts';

const rect = { x: 4, y: 1, width: 20, height: 2 };
const areas = [{ top: 0, height: 4 }];

/** A block that shows what two stores have, until it is taken away: one of the stores then changes in the same commit. */
const open = async (panes: 'compositor' | 'ink') => {
	const [one, two] = [createStore('one'), createStore('two')];
	let drawn = 0;
	let takeAway = () => {};
	const Screen = () => {
		const [isThere, setIsThere] = useState(true);
		takeAway = () => setIsThere(false);
		useLayoutEffect(() => {
			if (!isThere) {
				one.set('too late');
			}
		}, [isThere]);
		return (
			<CanvasArea areas={areas} covered={false}>
				<Box height={4}>
					{isThere && (
						<DynamicBlock
							rect={rect}
							sources={[one, two]}
							rows={() => {
								drawn++;
								return [[span(one.get())], [span(two.get())]];
							}}
						/>
					)}
				</Box>
			</CanvasArea>
		);
	};
	const terminal: RenderedTerminal = await renderTerminal(<Screen />, { columns: 30, rows: 4, panes });
	onTestFinished(() => terminal.close());
	const drawnBy = async (change: () => void): Promise<number> => {
		const before = drawn;
		change();
		await terminal.settle();
		return drawn - before;
	};
	return { terminal, one, two, takeAway, drawnBy };
};

test.each(['compositor', 'ink'] as const)('a block shows what its stores have (%s)', async (panes) => {
	const { terminal, one } = await open(panes);
	expect(terminal.screen().slice(0, 3)).toEqual(['', '    one', '    two']);
	one.set('another');
	await terminal.settle();
	expect(terminal.screen().slice(0, 3)).toEqual(['', '    another', '    two']);
});

test('a block is drawn once for all that changes at the same time', async () => {
	const { terminal, one, two, drawnBy } = await open('compositor');
	const times = await drawnBy(() => {
		one.set('three');
		two.set('four');
	});
	expect(times).toBe(1);
	expect(terminal.screen().slice(1, 3)).toEqual(['    three', '    four']);
});

test.each(['compositor', 'ink'] as const)('a block that goes takes its rows with it (%s)', async (panes) => {
	const { terminal, one, takeAway } = await open(panes);
	takeAway();
	await terminal.settle();
	expect(terminal.screen().join('')).toBe('');
	one.set('much too late');
	await terminal.settle();
	expect(terminal.screen().join('')).toBe('');
});
