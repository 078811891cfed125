import { Box, Text } from 'ink';
import { memo, useId, useInsertionEffect } from 'react';
import type { Readable } from '../stores/store.ts';
import { useBlockPainter } from './canvas-area.tsx';
import type { Line } from './line.ts';
import { paint } from './paint.ts';
import type { Rect } from './panel.ts';
import { sameProps } from './same-props.ts';
import { useTheme } from './theme-context.tsx';
import { useComputedText } from './use-readable.ts';

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

/** Rows computed from stores and the clock; rendered again only when their text differs. */
export const DynamicBlock = ({
	rect,
	sources,
	rows,
}: {
	rect: Rect;
	sources: readonly Readable<unknown>[];
	rows: (now: number) => readonly Line[];
}) => {
	const theme = useTheme();
	const text = useComputedText(sources, (now) => paint(filled(rows(now), rect.height), rect.width, theme));
	return <Block rect={rect} text={text} />;
};

const filled = (rows: readonly Line[], height: number): readonly Line[] =>
	rows.length >= height ? rows.slice(0, height) : [...rows, ...Array.from({ length: height - rows.length }, () => [])];
