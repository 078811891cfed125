import { fitLine, type Line, lineWidth, span, type Tone } from './line.ts';
import { StaticBlock } from './live-block.tsx';
import { useMouseAreas } from './mouse/use-mouse.ts';
import type { Rect } from './panel.ts';

/** Keys that were typed or pasted before a question could be read are not an answer: the time for which they are ignored, ms. */
export const guardMs = 250;

export interface DialogProps {
	readonly rect: Rect;
	readonly title: string;
	readonly tone?: Tone;
	readonly rows: readonly Line[];
}

/** Returns a box in the middle of what `area` leaves, of at most `width` by `height` cells, borders included. */
export const centred = (area: Rect, width: number, height: number): Rect => {
	const w = Math.min(width, area.width);
	const h = Math.min(height, area.height);
	return {
		x: area.x + Math.floor((area.width - w) / 2),
		y: area.y + Math.floor((area.height - h) / 2),
		width: w,
		height: h,
	};
};

/** Returns the part of a dialog inside its border and margin. */
export const inside = (rect: Rect): Rect => ({
	x: rect.x + 2,
	y: rect.y + 1,
	width: Math.max(1, rect.width - 4),
	height: Math.max(1, rect.height - 2),
});

const everywhere = [{ rect: { x: 0, y: 0, width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY } }];

/** A framed box over the screen. */
export const Dialog = ({ rect, title, tone = 'accent', rows }: DialogProps) => {
	// The mouse answers no question, and reaches nothing under one.
	useMouseAreas(everywhere, true);
	const room = rect.width - 4;
	const head: Line = [span('┌─ ', tone), span(title, 'strong'), span(' ', tone)];
	const top: Line = [...head, span('─'.repeat(Math.max(0, rect.width - lineWidth(head) - 1)), tone), span('┐', tone)];
	const body = Array.from({ length: Math.max(0, rect.height - 2) }, (_, index): Line => {
		const row = rows[index] ?? [];
		return [span('│ ', tone), ...fitLine(row, room), span(' │', tone)];
	});
	const bottom: Line = [span(`└${'─'.repeat(Math.max(0, rect.width - 2))}┘`, tone)];
	return <StaticBlock rect={rect} rows={[top, ...body, bottom]} />;
};
