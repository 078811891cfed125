import { fitLine, type Line, lineWidth, span } from './line.ts';

/** A rectangle on the screen in cells; the height includes the title row. */
export interface Rect {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

export interface PanelFace {
	/** The key that focuses it. */
	readonly number?: number;
	readonly title: string;
	/** The content in a few words, at the right end of the title: visible even when the panel has no room for more. */
	readonly summary?: Line;
	readonly focused: boolean;
}

/** Returns the title row of a panel: `─ 1 Containers ──────── 5 running ─`; heavy and coloured when focused. */
export const titleRule = (face: PanelFace, width: number): Line => {
	const stroke = face.focused ? '━' : '─';
	const tone = face.focused ? 'accent' : 'muted';
	const left: Line = [
		span(`${stroke} `, tone),
		...(face.number === undefined ? [] : [span(`${face.number} `, tone)]),
		span(`${face.title} `, face.focused ? 'accent' : 'strong'),
	];
	const leftWidth = lineWidth(left);
	const summaryRoom = width - leftWidth - 5;
	// The end of a summary is the least important.
	let summary = face.summary ?? [];
	while (summary.length > 1 && lineWidth(summary) > summaryRoom) {
		summary = summary.slice(0, -1);
	}
	const summaryWidth = Math.min(lineWidth(summary), summaryRoom);
	if (summary.length === 0 || summaryWidth < 4) {
		return fitLine([...left, span(stroke.repeat(Math.max(0, width - leftWidth)), tone)], width);
	}
	const fill = width - leftWidth - summaryWidth - 3;
	return fitLine(
		[...left, span(stroke.repeat(fill), tone), span(' '), ...fitLine(summary, summaryWidth), span(` ${stroke}`, tone)],
		width,
	);
};

/** Returns all rows of a panel: title, then `body` cut or padded to the height. */
export const panelRows = (face: PanelFace, body: readonly Line[], rect: Rect): Line[] => {
	const rows = [titleRule(face, rect.width), ...body.slice(0, rect.height - 1)];
	while (rows.length < rect.height) {
		rows.push([]);
	}
	return rows;
};
