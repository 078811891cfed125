/** Splits a command as Compose does if it is a text: blanks, quotes and backslashes as in a shell. */
export const shellWords = (text: string): readonly string[] => {
	const words: string[] = [];
	let word: string | undefined;
	let quote = '';
	for (let at = 0; at < text.length; at++) {
		const char = text.charAt(at);
		if (char === '\\' && quote !== "'") {
			word = (word ?? '') + text.charAt(++at);
		} else if (quote !== '') {
			word ??= '';
			if (char === quote) {
				quote = '';
			} else {
				word += char;
			}
		} else if (char === '"' || char === "'") {
			quote = char;
			word ??= '';
		} else if (/\s/.test(char)) {
			if (word !== undefined) {
				words.push(word);
				word = undefined;
			}
		} else {
			word = (word ?? '') + char;
		}
	}
	return word === undefined ? words : [...words, word];
};

/** Returns a duration of a Compose file in milliseconds: `1m30s`, `500ms`; a bare number is seconds. */
export const milliseconds = (text: string): number => {
	const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
	const parts = [...text.matchAll(/([\d.]+)(us|ms|s|m|h)?/g)];
	return parts.reduce((sum, [, count = '0', unit = 's']) => sum + Number(count) * (units[unit] ?? 1000), 0);
};

/** Formats milliseconds as Go writes a duration: `1m30s`. */
export const goDuration = (ms: number): string => {
	if (ms < 1000) {
		return ms === 0 ? '0s' : `${ms}ms`;
	}
	const seconds = ms / 1000;
	const hours = Math.floor(seconds / 3600);
	const minutes = Math.floor(seconds / 60) % 60;
	const rest = Math.round((seconds % 60) * 1000) / 1000;
	return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`;
};

/** Parses `1G` into bytes. */
export const byteCount = (text: string): number => {
	const [, count = '0', unit = ''] = /^([\d.]+)\s*([kmgt]?)i?b?$/i.exec(text) ?? [];
	return Math.round(Number(count) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '));
};
