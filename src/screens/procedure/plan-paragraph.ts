import { type Line, line, pad, span, type Tone, widthOf, wrap } from '../../components/line.ts';

/** Returns a text wrapped to rows of `width` cells, each indented. */
export const paragraph = (text: string, width: number, indent = ' ', tone: Tone = 'plain'): Line[] =>
	wrap(text, Math.max(8, width - indent.length - 1)).map((row) => line(indent + row, tone));

/** Returns variables with their values, one per row; the items of a list and long values continue below. */
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

/** Returns a title with a short text in one row, or below it if that does not fit. */
export const titled = (title: string, said: string, width: number, tone: Tone = 'plain'): Line[] =>
	widthOf(title) + widthOf(said) + 4 <= width
		? [[span(` ${title}`, 'strong'), span(`  ${said}`, tone)]]
		: [line(` ${title}`, 'strong'), ...paragraph(said, width, '   ', tone)];
