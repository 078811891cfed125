import { type Line, span, widthOf, wrap } from './line.ts';

/** Returns text as it is, each line wrapped at the screen's width: nothing of a command or a result is cut off. */
export const preformatted = (text: string, width: number, indent: string): Line[] =>
	text
		.replace(/\n+$/, '')
		.split('\n')
		.flatMap((row) => {
			const lead = /^\s*/.exec(row)?.[0].replaceAll('\t', '    ') ?? '';
			const words = row.trim().replaceAll('\t', '    ');
			const room = Math.max(8, width - indent.length - lead.length - 4);
			// A row that fits keeps its blanks: it may be one of a table.
			return (widthOf(words) <= room ? [words] : wrap(words, room)).map(
				(part, index): Line => [span(`${indent}│ `, 'muted'), span(lead + (index === 0 ? '' : '  ') + part)],
			);
		});
