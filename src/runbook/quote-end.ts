/**
 * Finds the end of a quoted text that begins before `from`, without its quote: an index, or -1 when the text ends first. Only between
 * double quotes does a backslash escape the next character, as in shells and env files.
 */
export const quoteEnd = (text: string, quote: string, from: number): number => {
	for (let at = from; at < text.length; at++) {
		if (text[at] === '\\' && quote === '"') {
			at++;
		} else if (text[at] === quote) {
			return at;
		}
	}
	return -1;
};
