import { type Line, lineWidth, span } from './line.ts';

export interface Segment {
	readonly line: Line;
	/** Segments with the highest number are dropped first when the row is too narrow. 0 is never dropped. */
	readonly drop: number;
}

/** Joins segments with `gap` spaces, without the most expendable ones, so that they fit into `width` cells. */
export const joinSegments = (segments: readonly Segment[], width: number, gap = 2): Line => {
	let kept = segments.filter((segment) => lineWidth(segment.line) > 0);
	const total = () => kept.reduce((sum, { line }) => sum + lineWidth(line), gap * (kept.length - 1));
	while (total() > width) {
		const most = Math.max(...kept.map(({ drop }) => drop));
		const victim = kept.findLast(({ drop }) => drop === most);
		if (most === 0 || victim === undefined) {
			break;
		}
		kept = kept.filter((segment) => segment !== victim);
	}
	return kept.flatMap(({ line }, index) => (index === 0 ? line : [span(' '.repeat(gap)), ...line]));
};
