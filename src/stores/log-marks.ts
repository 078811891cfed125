import { clockLabel } from './pane-draw.ts';

/** Marked lines, by their number in the log, with the time they were marked, ms. */
export type LogMarks = ReadonlyMap<number, number>;

/** Adds a mark at `line`, or removes it; marks before `firstLine` have left the memory. */
export const toggleMark = (marks: LogMarks, line: number, firstLine: number): LogMarks => {
	const next = new Map([...marks].filter(([marked]) => marked >= firstLine));
	if (!next.delete(line)) {
		next.set(line, Date.now());
	}
	return next;
};

/** Returns the next marked line above `from`; from the topmost one, the last. */
export const markAbove = (marks: LogMarks, from: number, firstLine: number): number | undefined => {
	const lines = [...marks.keys()].filter((line) => line >= firstLine).sort((a, b) => b - a);
	return lines.find((line) => line < from) ?? lines[0];
};

/** Returns words for the rule under a marked line; undefined without a mark. */
export const markWords = (marks: LogMarks, line: number): string | undefined => {
	const time = marks.get(line);
	if (time === undefined) {
		return undefined;
	}
	const number = [...marks.keys()].sort((a, b) => a - b).indexOf(line) + 1;
	return `mark ${number} of ${marks.size}, set at ${clockLabel(time).trim()}`;
};
