import { withoutColours } from './colours.ts';
import { asBytes, formsPattern, spellingsOf } from './secret-forms.ts';
import { createLineMasker, mask } from './secrets.ts';
import { firstLongWord, suspiciousPattern } from './suspicious-lines.ts';

/** Maximum number of lines hidden by an open quote or block: a lone quote in a log must not hide the rest of it. */
const longestOpen = 100;

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
	/** Known secrets as an output may spell them, the longest first. */
	readonly values: readonly string[];
	readonly #known: RegExp | undefined;
	readonly #form = suspiciousPattern();
	readonly #lines = createLineMasker();
	#openFor = 0;

	/** @param known the values of secrets; each form of them is found (`formsPattern`) */
	constructor(known: readonly string[]) {
		this.values = spellingsOf(known).map(asBytes);
		this.#known = formsPattern(known, asBytes);
	}

	/**
	 * Masks one line without its end.
	 *
	 * @param look the line is incomplete: it does not open or end a quote yet
	 */
	mask(line: string, look?: 'look'): string {
		const plain = withoutColours(line);
		const result = this.#maskPlain(line, plain === line ? look : 'look');
		if (plain !== line) {
			// Colours inside of a secret, or between a name and its value, hide both: they are left out then.
			const masked = this.#maskPlain(plain, look);
			if (masked !== withoutColours(result)) {
				this.#countLine(look);
				return masked;
			}
		}
		this.#countLine(look);
		return result;
	}

	#maskPlain(line: string, look?: 'look'): string {
		const without =
			this.#known === undefined
				? line
				: line.replaceAll(this.#known, (secret) => asBytes(mask(Buffer.from(secret, 'latin1').toString('utf8'))));
		const text = decoded(without);
		return text === undefined
			? this.#lines.mask(without, look).replaceAll(/[\u0100-\uffff]+/g, asBytes)
			: asBytes(this.#lines.mask(text, look));
	}

	#countLine(look: 'look' | undefined): void {
		if (look === undefined) {
			this.#countOpen();
		}
	}

	/** Masks a text of whole lines. Most texts have no line that differs, and are only searched. */
	maskAll(text: string, onChanged: OnChanged): void {
		let at = 0;
		let [nextKnown, nextForm, nextWord, nextColoured] = [-1, -1, -1, -1];
		while (at < text.length) {
			let start = at;
			if (!this.#lines.open) {
				nextKnown = nextKnown < at ? first(this.#known, text, at) : nextKnown;
				nextForm = nextForm < at ? first(this.#form, text, at) : nextForm;
				nextWord = nextWord < at ? firstLongWord(text, at) : nextWord;
				nextColoured = nextColoured < at ? this.#firstColoured(text, at) : nextColoured;
				const found = Math.min(nextKnown, nextForm, nextWord, nextColoured);
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

	#isSuspicious(text: string): boolean {
		return Math.min(first(this.#known, text, 0), first(this.#form, text, 0), firstLongWord(text, 0)) < text.length;
	}

	/** Finds the next line in which something is found only when its colours are left out. */
	#firstColoured(text: string, from: number): number {
		let at = text.indexOf('\u001b', from);
		// Most texts have none: that is found by one search.
		if (at < 0 || !this.#isSuspicious(withoutColours(text.slice(from)))) {
			return text.length;
		}
		while (at >= 0) {
			const lf = text.indexOf('\n', at);
			const stop = lf < 0 ? text.length : lf;
			let start = Math.max(from, text.lastIndexOf('\n', at) + 1);
			for (const line of text.slice(start, stop).split('\r')) {
				if (line.includes('\u001b') && this.#isSuspicious(withoutColours(line))) {
					return start;
				}
				start += line.length + 1;
			}
			at = text.indexOf('\u001b', stop);
		}
		return text.length;
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
