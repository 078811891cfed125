const setting = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=[ \t]*(.*?)\s*$/;

/** Returns a value as Compose and shells read it: without its quotes, or without a comment after it. */
const unquoted = (value: string): string => {
	const [quote] = value;
	if (quote === '"' || quote === "'") {
		const end = value.indexOf(quote, 1);
		return value.slice(1, end < 0 ? undefined : end);
	}
	return value.replace(/\s+#.*$/, '');
};

/** Returns the settings of a text such as `.env`, in order; each on one line, variables in them not expanded. */
export const settingsOf = (text: string): readonly (readonly [name: string, value: string])[] =>
	text
		.replace(/^\ufeff/, '')
		.split(/\r?\n/)
		.flatMap((line) => {
			const found = setting.exec(line);
			return found === null ? [] : [[found[1] ?? '', unquoted(found[2] ?? '')] as const];
		});
