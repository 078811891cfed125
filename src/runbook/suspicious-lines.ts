const names = 'pass|pwd|secret|token|key|cred|totp|webhook|auth|dsn|pin|otp|cookie|salt|seed|mnemonic|jwt|psk';
/**
 * Patterns for every line that `maskSecrets` may change: most lines match none, and pass as they are. Every part looks ahead only a
 * limited distance, so that no output makes it slow.
 */
const suspicious = [
	`(?:${names})[\\w.-]{0,64}["']?\\s{0,8}[=:]`,
	`--[\\w.-]{0,64}(?:${names})[\\w.-]{0,64}\\s`,
	'bearer\\s',
	':\\/\\/[^\\s\'"]{0,2048}@',
	'-----BEGIN',
].join('|');

/** Returns an expression for suspicious lines; it has a `lastIndex`, so each search needs its own. */
export const suspiciousPattern = (): RegExp => new RegExp(suspicious, 'gi');

/** A line of a key whose beginning was not seen has a word at least this long. */
const longWord = 60;
const isWordCode = Uint8Array.from({ length: 256 }, (_, code) =>
	/[A-Za-z0-9+/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Finds the start of the first long word; the text's length when there is none. Checking one in every `longWord` characters is enough. */
export const firstLongWord = (text: string, from: number): number => {
	const inWord = (at: number) => isWordCode[text.charCodeAt(at)] === 1;
	for (let at = from + longWord - 1; at < text.length; at += longWord) {
		if (!inWord(at)) {
			continue;
		}
		let begin = at;
		while (begin > from && inWord(begin - 1)) {
			begin--;
		}
		let stop = at + 1;
		while (stop < text.length && stop < begin + longWord && inWord(stop)) {
			stop++;
		}
		if (stop - begin >= longWord) {
			return begin;
		}
	}
	return text.length;
};
