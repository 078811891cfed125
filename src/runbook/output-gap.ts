import type { OutputGap } from './run.ts';

/** Returns the line that replaces a missing part of an output. It starts and ends with a line break, whatever surrounds it. */
export const gapNotice = ({ from, to }: OutputGap): string =>
	`\n… ${(to - from).toLocaleString('en-US')} bytes left out: the host keeps the beginning and the end of a long output …\n`;
