/** A function of a library of POSIX sh, with its text. */
export interface ShellFunction {
	readonly name: string;
	readonly text: string;
}

/** Returns the names of variables that a script reads: `$commit`, `${commit}`, `${commit:-x}`, `$((commit + 1))`. */
const namesIn = (script: string): ReadonlySet<string> =>
	new Set([
		...[...script.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name),
		...[...script.matchAll(/\$\(\(([^)]*)\)\)/g)].flatMap(([, sum = '']) => sum.match(/[A-Za-z_]\w*/g) ?? []),
	]);

/**
 * Returns the variables of the environment that a script reads, in the order of the environment.
 * @returns names and values; a list (one item per line) stays as it is
 */
export const valuesIn = (
	script: string,
	environment: Readonly<Record<string, string>>,
): readonly (readonly [name: string, value: string])[] => {
	const names = namesIn(script);
	return Object.entries(environment).filter(([name]) => names.has(name));
};

/** Returns the functions that a library defines: `name() {` … `}`, both at the beginning of a line, as the formatter writes them. */
export const functionsIn = (library: string): readonly ShellFunction[] =>
	[...library.matchAll(/^((?:# .*\n)*)([A-Za-z_]\w*)\(\) (?:\{ .*\}$|\{\n[\s\S]*?^\}.*$|\(\n[\s\S]*?^\).*$)/gm)].map(
		([text = '', , name = '']) => ({ name, text }),
	);

/** Returns the functions of a library that scripts call, and those that these call, in the library's order. */
export const functionsCalledBy = (scripts: readonly string[], library: string): readonly ShellFunction[] => {
	const all = functionsIn(library);
	const called = new Set<string>();
	const follow = (text: string): void => {
		const words = new Set(text.match(/[A-Za-z_]\w*/g) ?? []);
		for (const one of all) {
			if (words.has(one.name) && !called.has(one.name)) {
				called.add(one.name);
				follow(one.text);
			}
		}
	};
	for (const script of scripts) {
		follow(script);
	}
	return all.filter(({ name }) => called.has(name));
};
