import { createLineMasker, mask } from './secrets.ts';
import { firstLongWord, suspiciousPattern } from './suspicious-lines.ts';

/** Maximum number of lines hidden by an open quote or block: a lone quote in a log must not hide the rest of it. */
const longestOpen = 100;

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Returns UTF-8 bytes as a string with a character for each byte. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const isText = new TextDecoder('utf-8', { fatal: true });
const decoded = (bytes: string): string | undefined => {
	try {
		return isText.decode(Buffer.from(bytes, 'latin1'));
	} catch {
		return undefined;
	}
};

/** Receives a line whose masked text differs, and its start and stop in the text, without the line end. */
type OnChanged = (start: number, stop: number, masked: string) => void;

/** Masks lines of bytes, given as strings with a character for each byte. An open quote continues in the next line. */
export class MaskedLines {
	/** Known secrets in each form in which an output may contain them, the longest first. */
	readonly values: readonly string[];
	readonly #known: RegExp | undefined;
	readonly #form = suspiciousPattern();
	readonly #lines = createLineMasker();
	#openFor = 0;

	/** @param known the values of secrets, as they are and as they appear in a URL */
	constructor(known: readonly string[]) {
		this.values = [...new Set(known.flatMap((value) => [value, encodeURIComponent(value.toWellFormed())]))]
			.filter((value) => value !== '')
			.sort((a, b) => b.length - a.length)
			.map(asBytes);
		this.#known = this.values.length === 0 ? undefined : new RegExp(this.values.map(escaped).join('|'), 'g');
	}

	/**
	 * Masks one line without its end.
	 *
	 * @param look the line is incomplete: it does not open or end a quote yet
	 */
	mask(line: string, look?: 'look'): string {
		const without =
			this.#known === undefined
				? line
				: line.replaceAll(this.#known, (secret) => asBytes(mask(Buffer.from(secret, 'latin1').toString('utf8'))));
		const text = decoded(without);
		const masked = asBytes(this.#lines.mask(text ?? without, look));
		const result =
			text === undefined ? this.#lines.mask(without, 'look').replaceAll(/[\u0100-\uffff]+/g, asBytes) : masked;
		if (look === undefined) {
			this.#countOpen();
		}
		return result;
	}

	/** Masks a text of whole lines. Most texts have no line that differs, and are only searched. */
	maskAll(text: string, onChanged: OnChanged): void {
		let at = 0;
		let [nextKnown, nextForm, nextWord] = [-1, -1, -1];
		while (at < text.length) {
			let start = at;
			if (!this.#lines.open) {
				nextKnown = nextKnown < at ? first(this.#known, text, at) : nextKnown;
				nextForm = nextForm < at ? first(this.#form, text, at) : nextForm;
				nextWord = nextWord < at ? firstLongWord(text, at) : nextWord;
				const found = Math.min(nextKnown, nextForm, nextWord);
				if (found >= text.length) {
					return;
				}
				start = startOfLine(text, found, at);
			}
			const stop = endOfLine(text, start);
			const line = text.slice(start, stop);
			const masked = this.mask(line);
			if (masked !== line) {
				onChanged(start, stop, masked);
			}
			at = stop + 1;
		}
	}

	#countOpen(): void {
		this.#openFor = this.#lines.open ? this.#openFor + 1 : 0;
		if (this.#openFor > longestOpen) {
			this.#lines.close();
			this.#openFor = 0;
		}
	}
}

const first = (pattern: RegExp | undefined, text: string, from: number): number => {
	if (pattern === undefined) {
		return text.length;
	}
	pattern.lastIndex = from;
	return pattern.exec(text)?.index ?? text.length;
};

const endOfLine = (text: string, from: number): number => {
	const lf = text.indexOf('\n', from);
	const cr = text.lastIndexOf('\r', lf < 0 ? text.length : lf) >= from ? text.indexOf('\r', from) : -1;
	return cr >= 0 && (lf < 0 || cr < lf) ? cr : lf < 0 ? text.length : lf;
};

const startOfLine = (text: string, before: number, from: number): number =>
	before === 0 ? 0 : Math.max(from, text.lastIndexOf('\n', before - 1) + 1, text.lastIndexOf('\r', before - 1) + 1);
