import { cellWidth, fitCells } from '../terminal/cells.ts';
import type { Row } from '../terminal/row.ts';
import { sanitiseText } from '../terminal/sanitise.ts';
import { applyStyle } from '../terminal/sgr.ts';
import type { ErrorPattern, FollowedLogs } from './followed-logs.ts';
import { stampOf } from './log-lines.ts';

const widestLabel = 16;

/** The terminal's own colours, one for each service; red is for errors. */
const colours = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94] as const;

/** The sources of lines, as a view labels them. Lines have their numbers in the log. */
export interface LogSources {
	/** Cells before each line; 0 if all lines are from one service. */
	marginCells(): number;
	/** The label before a line. */
	label(line: number): Row;
	/** True when the runbook calls a text of this line's service an error. */
	isError(line: number, text: string): boolean;
	/** Returns lines for a file: each with time, service and a line end. */
	saved(lines: Iterable<number>): Iterable<Uint8Array>;
}

/** @param services all services of the project, which alone decide on the colours */
export const createLogSources = (logs: FollowedLogs, services: readonly string[], colour: boolean): LogSources => {
	const { lines } = logs;
	const ordered = [...services].sort();
	const errorTests = new Map<string, (text: string) => boolean>();
	const sourceOf = (line: number) => logs.sources.get()[lines.source(line) ?? -1];
	const marginCells = () => {
		const all = logs.sources.get();
		return logs.services.length < 2 && all.length < 2
			? 0
			: Math.min(widestLabel, Math.max(4, ...all.map(({ label }) => cellWidth(sanitiseText(label))))) + 3;
	};
	return {
		marginCells,
		label: (line) => {
			const source = sourceOf(line);
			const cells = marginCells();
			const label = fitCells(sanitiseText(source?.label ?? ''), cells - 3);
			const place = ordered.indexOf(source?.service ?? '');
			const style = colour ? { colour: colours[Math.max(0, place) % colours.length] } : {};
			return { text: `${applyStyle(label, style)} ${applyStyle('│', { dim: true })} `, cells };
		},
		isError: (line, text) => {
			const service = sourceOf(line)?.service ?? '';
			let test = errorTests.get(service);
			if (test === undefined) {
				test = errorTest(logs.errors(service));
				errorTests.set(service, test);
			}
			return test(text);
		},
		saved: function* (numbers) {
			const isLabelled = marginCells() > 0;
			for (const line of numbers) {
				const time = stampOf(lines.time?.(line) ?? 0);
				const label = isLabelled ? `${sanitiseText(sourceOf(line)?.label ?? '')} | ` : '';
				yield Buffer.concat([Buffer.from(`${time} ${label}`), lines.line(line) ?? new Uint8Array(), Buffer.from('\n')]);
			}
		},
	};
};

/** Returns the test for the lines that the runbook calls errors. */
export const errorTest = ({ pattern, except }: ErrorPattern): ((text: string) => boolean) => {
	const wanted = new RegExp(pattern, 'iu');
	const unwanted = except === undefined ? undefined : new RegExp(except, 'iu');
	return (text) => wanted.test(text) && unwanted?.test(text) !== true;
};
