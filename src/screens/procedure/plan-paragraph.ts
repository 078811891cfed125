import { type Line, line, pad, span, type Tone, widthOf, wrap } from '../../components/line.ts';

/** A text broken into rows of `width` cells, each indented. */
export const paragraph = (text: string, width: number, indent = ' ', tone: Tone = 'plain'): Line[] =>
	wrap(text, Math.max(8, width - indent.length - 1)).map((row) => line(indent + row, tone));

/** Variables with their values, one a row; a list's items and what is long go on below. */
export const valueRows = (
	values: readonly (readonly [name: string, value: string])[],
	width: number,
	indent: string,
): Line[] => {
	const names = Math.min(24, Math.max(0, ...values.map(([name]) => widthOf(name))));
	const room = Math.max(8, width - indent.length - names - 5);
	return values.flatMap(([name, value]) =>
		value
			.trimEnd()
			.split('\n')
			.flatMap((item) => wrap(item.replaceAll('\t', '  '), room))
			.map(
				(row, index): Line => [
					span(`${indent}${pad(index === 0 ? name : '', names)} ${index === 0 ? '=' : ' '} `, 'muted'),
					span(row, 'accent'),
				],
			),
	);
};

/** A title in one row with the little there is to say, below it where that does not fit. */
export const titled = (title: string, said: string, width: number, tone: Tone = 'plain'): Line[] =>
	widthOf(title) + widthOf(said) + 4 <= width
		? [[span(` ${title}`, 'strong'), span(`  ${said}`, tone)]]
		: [line(` ${title}`, 'strong'), ...paragraph(said, width, '   ', tone)];
