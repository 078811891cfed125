/** The type of each flag: without a value, with a value, or repeatable. Long and short names. */
export type FlagKinds = Readonly<Record<string, 'flag' | 'value' | 'list'>>;

export interface Parsed {
	/** True when a flag was given; under its first name. */
	has(name: string): boolean;
	value(name: string): string | undefined;
	list(name: string): readonly string[];
	readonly rest: readonly string[];
}

/**
 * Parses a command's flags. A key may contain several names (`f filter`). With `first` everything from the first word on is the rest,
 * flags included. Throws for an unknown flag: something that is not simulated must not pass silently.
 */
export const parseFlags = (
	command: string,
	args: readonly string[],
	kinds: FlagKinds,
	{ first = false } = {},
): Parsed => {
	const names = new Map<string, { readonly key: string; readonly kind: FlagKinds[string] }>();
	for (const [key, kind] of Object.entries(kinds)) {
		for (const name of key.split(' ')) {
			names.set(name, { key: key.split(' ')[0] ?? key, kind });
		}
	}
	const found = new Map<string, string[]>();
	const rest: string[] = [];
	const note = (key: string, value: string) => found.set(key, [...(found.get(key) ?? []), value]);
	for (let at = 0; at < args.length; at++) {
		const arg = args[at] ?? '';
		if (arg === '--' || arg === '-' || !arg.startsWith('-')) {
			rest.push(...(arg === '--' ? args.slice(at + 1) : first ? args.slice(at) : [arg]));
			if (first || arg === '--') {
				break;
			}
			continue;
		}
		const [name = '', ...values] = arg.replace(/^--?/, '').split('=');
		const known = names.get(name);
		if (known !== undefined) {
			note(
				known.key,
				known.kind === 'flag' ? values.join('=') || 'true' : values.length > 0 ? values.join('=') : (args[++at] ?? ''),
			);
			continue;
		}
		// `-aq`: several flags of one letter.
		const letters = arg.startsWith('--') ? [] : [...name];
		if (letters.length === 0 || letters.some((letter) => names.get(letter)?.kind !== 'flag')) {
			throw new Error(`${command}: the demo's Docker does not simulate the option ${arg}`);
		}
		for (const letter of letters) {
			note(names.get(letter)?.key ?? letter, 'true');
		}
	}
	return {
		has: (name) => found.has(name) && found.get(name)?.at(-1) !== 'false',
		value: (name) => found.get(name)?.at(-1),
		list: (name) => found.get(name) ?? [],
		rest,
	};
};

/** Parses `--filter NAME=VALUE` into the API's form. */
export const toFilters = (given: readonly string[]): Record<string, string[]> => {
	const filters: Record<string, string[]> = {};
	for (const one of given) {
		const at = one.indexOf('=');
		const name = at < 0 ? one : one.slice(0, at);
		filters[name] = [...(filters[name] ?? []), one.slice(at + 1)];
	}
	return filters;
};
