import { Box, Text } from 'ink';
import { memo, useEffect, useId, useInsertionEffect, useRef } from 'react';
import type { Readable } from '../stores/store.ts';
import { type BlockPainter, useBlockPainter } from './canvas-area.tsx';
import type { Line } from './line.ts';
import { paint } from './paint.ts';
import type { Rect } from './panel.ts';
import { sameProps } from './same-props.ts';
import { useTheme } from './theme-context.tsx';
import { useClock, useComputedText } from './use-readable.ts';

/**
 * A fixed place on the screen filled with rows: painted if there is a canvas, else one text node of Ink's.
 * @param text as many lines as the rectangle is high, each exactly as wide
 */
const Block = memo(({ rect, text }: { readonly rect: Rect; readonly text: string }) => {
	const painter = useBlockPainter();
	const id = useId();
	const { x, y, width, height } = rect;
	// Before Ink writes the frame of the same commit.
	useInsertionEffect(() => {
		painter?.put(id, { x, y, width, height }, text.split('\n'));
	}, [painter, id, x, y, width, height, text]);
	useInsertionEffect(
		() => () => painter?.put(id, { x, y, width, height }, undefined),
		[painter, id, x, y, width, height],
	);
	return painter || text === '' ? null : (
		<Box position="absolute" left={x} top={y} width={width} height={height}>
			<Text>{text}</Text>
		</Box>
	);
}, sameProps);

/** Rows that depend only on their props. */
export const StaticBlock = ({ rect, rows }: { rect: Rect; rows: readonly Line[] }) => {
	const theme = useTheme();
	return <Block rect={rect} text={paint(filled(rows, rect.height), rect.width, theme)} />;
};

interface DynamicBlockProps {
	readonly rect: Rect;
	readonly sources: readonly Readable<unknown>[];
	readonly rows: (now: number) => readonly Line[];
}

/** Rows computed from stores and the clock; drawn again only when their text differs. */
export const DynamicBlock = (props: DynamicBlockProps) => {
	const painter = useBlockPainter();
	return painter ? <PaintedBlock {...props} painter={painter} /> : <InkBlock {...props} />;
};

const InkBlock = ({ rect, sources, rows }: DynamicBlockProps) => {
	const theme = useTheme();
	const text = useComputedText(sources, (now) => paint(filled(rows(now), rect.height), rect.width, theme));
	return <Block rect={rect} text={text} />;
};

/** Draws past React what its sources change: for React, every change would be a commit, and a frame of Ink's that comes out as before. */
const PaintedBlock = ({ rect, sources, rows, painter }: DynamicBlockProps & { readonly painter: BlockPainter }) => {
	const theme = useTheme();
	const clock = useClock();
	const id = useId();
	const { x, y, width, height } = rect;
	const draw = () => {
		const text = paint(filled(rows(clock.get()), height), width, theme);
		if (text !== shown.current) {
			shown.current = text;
			painter.put(id, { x, y, width, height }, text.split('\n'));
		}
	};
	const shown = useRef<string>(undefined);
	const latest = useRef(draw);
	// Before Ink writes the frame of the same commit.
	useInsertionEffect(
		() => () => {
			// React ends the subscriptions later.
			latest.current = () => {};
			shown.current = undefined;
			painter.put(id, { x, y, width, height }, undefined);
		},
		[painter, id, x, y, width, height],
	);
	useInsertionEffect(() => {
		latest.current = draw;
		draw();
	});
	useEffect(() => {
		let isWanted = false;
		const drawOnce = () => {
			if (isWanted) {
				isWanted = false;
				latest.current();
			}
		};
		const onChange = () => {
			if (!isWanted) {
				isWanted = true;
				queueMicrotask(drawOnce);
			}
		};
		const ends = [clock, ...sources].map((source) => source.subscribe(onChange));
		// Catches up with changes since the block was drawn.
		onChange();
		return () => {
			isWanted = false;
			for (const end of ends) {
				end();
			}
		};
	}, [clock, ...sources]);
	return null;
};

const filled = (rows: readonly Line[], height: number): readonly Line[] =>
	rows.length >= height ? rows.slice(0, height) : [...rows, ...Array.from({ length: height - rows.length }, () => [])];
