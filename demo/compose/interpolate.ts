/** Variables by name; missing ones are not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Called with the name of each variable that is used and not set. */
export type OnUnset = (name: string) => void;

/** Returns the end of a `${…}` whose inside begins at `from`; nested braces are counted. */
const endOf = (text: string, from: number): number => {
	let depth = 1;
	for (let at = from; at < text.length; at++) {
		if (text.startsWith('${', at)) {
			depth++;
		} else if (text[at] === '}' && --depth === 0) {
			return at;
		}
	}
	throw new Error(`invalid interpolation format: "${text}"`);
};

const braced = (inside: string, variables: Variables, onUnset: OnUnset): string => {
	const [, name = '', operator = '', other = ''] = /^(\w+)(?:(:?[-?+])(.*))?$/s.exec(inside) ?? [];
	if (name === '') {
		throw new Error(`invalid interpolation format for "\${${inside}}". You may need to escape any $ with another $`);
	}
	const value = variables[name];
	const missing = value === undefined || (operator.startsWith(':') && value === '');
	switch (operator.replace(':', '')) {
		case '-':
			return missing ? interpolateText(other, variables, onUnset) : value;
		case '+':
			return missing ? '' : interpolateText(other, variables, onUnset);
		case '?':
			if (missing) {
				throw new Error(`required variable ${name} is missing a value: ${interpolateText(other, variables, onUnset)}`);
			}
			return value;
		default:
			if (value === undefined) {
				onUnset(name);
			}
			return value ?? '';
	}
};

/** Replaces `$NAME` and `${NAME…}` in a text as Compose does; `$$` is a dollar. Throws an Error in Compose's words. */
export const interpolateText = (text: string, variables: Variables, onUnset: OnUnset): string => {
	let done = '';
	let at = 0;
	while (at < text.length) {
		const dollar = text.indexOf('$', at);
		if (dollar < 0) {
			break;
		}
		done += text.slice(at, dollar);
		if (text[dollar + 1] === '$') {
			done += '$';
			at = dollar + 2;
		} else if (text[dollar + 1] === '{') {
			const end = endOf(text, dollar + 2);
			done += braced(text.slice(dollar + 2, end), variables, onUnset);
			at = end + 1;
		} else {
			const [name] = /^[A-Za-z_]\w*/.exec(text.slice(dollar + 1)) ?? [];
			done += name === undefined ? '$' : braced(name, variables, onUnset);
			at = dollar + 1 + (name?.length ?? 0);
		}
	}
	return done + text.slice(at);
};

/** Interpolates all texts of a YAML value; keys stay as they are. */
export const interpolate = (value: unknown, variables: Variables, onUnset: OnUnset): unknown => {
	if (typeof value === 'string') {
		return interpolateText(value, variables, onUnset);
	}
	if (Array.isArray(value)) {
		return value.map((one) => interpolate(one, variables, onUnset));
	}
	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one, variables, onUnset)]))
		: value;
};
