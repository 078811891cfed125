/** One place of a file with something else in it. */
export interface Mutant {
	/** From 1. */
	readonly line: number;
	readonly before: string;
	readonly after: string;
	/** The whole file with it. */
	readonly text: string;
}

type Rule = readonly [RegExp, (found: string) => string];

const swapped = (pairs: readonly (readonly [string, string])[]): ((found: string) => string) => {
	const to = new Map(pairs.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]));
	return (found) => to.get(found) ?? found;
};

const typescript: readonly Rule[] = [
	[/ (?:===|!==) /g, swapped([[' === ', ' !== ']])],
	[
		/ (?:<|>=|>|<=) (?=[\w(])/g,
		swapped([
			[' < ', ' >= '],
			[' > ', ' <= '],
		]),
	],
	[/ (?:&&|\|\|) /g, swapped([[' && ', ' || ']])],
	[/ [+-] (?=[\w(])/g, swapped([[' + ', ' - ']])],
	[/\b(?:true|false)\b(?=[,;) ])/g, swapped([['true', 'false']])],
	[/!(?=[a-z(])/g, () => ''],
	[/\b(?:some|every)\(/g, swapped([['some(', 'every(']])],
	[/ \?\? [\w.'[\]]+/g, () => ''],
];

const shell: readonly Rule[] = [
	[
		/ -(?:lt|ge|gt|le) /g,
		swapped([
			[' -lt ', ' -ge '],
			[' -gt ', ' -le '],
		]),
	],
	[/ (?:&&|\|\|) /g, swapped([[' && ', ' || ']])],
	[/ (?:=|!=) (?=["'$\w])/g, swapped([[' = ', ' != ']])],
	[/(?<=\[ )-[snzedrwx](?= )/g, (found) => `! ${found}`],
	[/! (?=[a-z[])/g, () => ''],
];

/** Lines that say nothing: comments, imports, types, and texts of errors. */
const isSilent = (line: string): boolean => /^\s*(?:#|\/\/|\/?\*|import |export type|\}? ?from )/.test(line);

/** All mutants of a file, by rules for the language of its name; in the order of the file. */
export const mutantsOf = (name: string, text: string): readonly Mutant[] => {
	const rules = name.endsWith('.sh') ? shell : typescript;
	const lines = text.split('\n');
	return lines.flatMap((line, index) =>
		isSilent(line)
			? []
			: rules.flatMap(([place, change]) =>
					[...line.matchAll(place)].map((found) => {
						const after = line.slice(0, found.index) + change(found[0]) + line.slice(found.index + found[0].length);
						return {
							line: index + 1,
							before: line.trim(),
							after: after.trim(),
							text: lines.with(index, after).join('\n'),
						};
					}),
				),
	);
};
