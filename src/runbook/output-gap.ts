import type { OutputGap } from './run.ts';

/** The line that stands in for what is missing of an output. Begins and ends a line, whatever stands around it. */
export const gapNotice = ({ from, to }: OutputGap): string =>
	`\n… ${(to - from).toLocaleString('en-US')} bytes left out: the host keeps the beginning and the end of a long output …\n`;
