/**
 * The end of a quoted text that begins before `from`, its quote not counted: an index, or -1 where the text ends first. A
 * backslash keeps what comes after it only between double quotes, as in shells and env files.
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
