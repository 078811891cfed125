import { createLineMasker, mask } from './secrets.ts';

/** A piece of output that may be shown; `offset` and `to` say where it begins and ends in the host's output. */
export interface MaskedPiece {
	readonly bytes: Buffer;
	readonly offset: number;
	readonly to: number;
}

/** Masks a run's output while it comes. The pieces of all answers, in order, are the output. */
export interface OutputMasker {
	/** Takes bytes as they came, wherever they were cut, and gives whole lines. */
	push(bytes: Buffer, offset: number): readonly MaskedPiece[];
	/** What of an unfinished line can be shown by now; its last word stays back, for it may go on. */
	settle(): readonly MaskedPiece[];
	/** All that is left. */
	end(): readonly MaskedPiece[];
}

const LF = 10;
const CR = 13;

/** An unfinished line is held back up to this length, bytes. */
const longestLine = 65_536;
/** What an open quote or block hides at most, lines: a lone quote in a log must not hide the rest of it. */
const longestOpen = 100;

const names = 'pass|pwd|secret|token|key|cred|totp|webhook|auth|dsn|pin|otp|cookie|salt|seed|mnemonic|jwt|psk';
/**
 * Whatever a line must hold so that `maskSecrets` changes it: most lines hold none of it, and pass as they are. Every part
 * looks ahead a limited way only, so that no output makes it slow.
 */
const suspicious = [
	`(?:${names})[\\w.-]{0,64}["']?\\s{0,8}[=:]`,
	`--[\\w.-]{0,64}(?:${names})[\\w.-]{0,64}\\s`,
	'bearer\\s',
	':\\/\\/[^\\s\'"]{0,2048}@',
	'-----BEGIN',
].join('|');

/** A line of a key whose beginning was not seen has a word as long as this. */
const longWord = 60;
const isWordCode = Uint8Array.from({ length: 256 }, (_, code) =>
	/[A-Za-z0-9+/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Where the first long word begins; the text's length when there is none. One look in every `longWord` characters finds it. */
const firstLongWord = (text: string, from: number): number => {
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

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Bytes as a string of as many characters. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const isText = new TextDecoder('utf-8', { fatal: true });
const decoded = (bytes: string): string | undefined => {
	try {
		return isText.decode(Buffer.from(bytes, 'latin1'));
	} catch {
		return undefined;
	}
};

const lastLineEnd = (bytes: Buffer): number => Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR));

/**
 * Masks what `maskSecrets` masks, and these values wherever they stand. `known` are the values of secrets, as they are and
 * as they stand in a URL. Bytes that are no UTF-8 pass unchanged.
 */
export const createOutputMasker = (known: readonly string[] = []): OutputMasker => {
	const values = [...new Set(known.flatMap((value) => [value, encodeURIComponent(value.toWellFormed())]))]
		.filter((value) => value !== '')
		.sort((a, b) => b.length - a.length)
		.map(asBytes);
	const knownPattern = values.length === 0 ? undefined : new RegExp(values.map(escaped).join('|'), 'g');
	const formPattern = new RegExp(suspicious, 'gi');
	const lines = createLineMasker();
	let openFor = 0;

	let held: Buffer = Buffer.alloc(0);
	let heldAt = 0;
	/** Of the held line: what was shown of it, masked, and how many of its bytes that was. */
	let shown = '';
	let shownBytes = 0;

	/** A line, as bytes, without its end. */
	const maskLine = (line: string, look?: 'look'): string => {
		const without =
			knownPattern === undefined
				? line
				: line.replaceAll(knownPattern, (secret) => asBytes(mask(Buffer.from(secret, 'latin1').toString('utf8'))));
		const text = decoded(without);
		const masked = asBytes(lines.mask(text ?? without, look));
		const result = text === undefined ? lines.mask(without, 'look').replaceAll(/[\u0100-\uffff]+/g, asBytes) : masked;
		if (look === undefined) {
			openFor = lines.open ? openFor + 1 : 0;
			if (openFor > longestOpen) {
				lines.close();
				openFor = 0;
			}
		}
		return result;
	};

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

	/** Whole lines. Those with nothing in them are passed on in one piece. */
	const maskLines = (bytes: Buffer, offset: number): MaskedPiece[] => {
		const text = bytes.toString('latin1');
		const pieces: MaskedPiece[] = [];
		let passed = 0;
		let at = 0;
		let nextKnown = -1;
		let nextForm = -1;
		let nextWord = -1;
		while (at < text.length) {
			let start = at;
			if (!lines.open) {
				nextKnown = nextKnown < at ? first(knownPattern, text, at) : nextKnown;
				nextForm = nextForm < at ? first(formPattern, text, at) : nextForm;
				nextWord = nextWord < at ? firstLongWord(text, at) : nextWord;
				const found = Math.min(nextKnown, nextForm, nextWord);
				if (found >= text.length) {
					break;
				}
				start = startOfLine(text, found, at);
			}
			const stop = endOfLine(text, start);
			const line = text.slice(start, stop);
			const masked = maskLine(line);
			if (masked !== line) {
				if (start > passed) {
					pieces.push({ bytes: bytes.subarray(passed, start), offset: offset + passed, to: offset + start });
				}
				pieces.push({ bytes: Buffer.from(masked, 'latin1'), offset: offset + start, to: offset + stop });
				passed = stop;
			}
			at = stop + 1;
		}
		if (passed < bytes.length) {
			pieces.push({ bytes: bytes.subarray(passed), offset: offset + passed, to: offset + bytes.length });
		}
		return pieces;
	};

	/** The held line up to `to` bytes, without what was shown of it. */
	const restOfHeld = (to: number, look?: 'look'): MaskedPiece[] => {
		const masked = maskLine(held.toString('latin1', 0, to), look);
		const bytes = Buffer.from(masked.slice(shown.length), 'latin1');
		const piece = { bytes, offset: heldAt + shownBytes, to: heldAt + to };
		shown = masked.length > shown.length ? masked : shown;
		shownBytes = to;
		return bytes.length === 0 ? [] : [piece];
	};

	const letGo = (count: number): void => {
		held = held.subarray(count);
		heldAt += count;
		shown = '';
		shownBytes = 0;
	};

	/** How much of a line that may go on can be shown: not its last word, nor what may be the beginning of a secret. */
	const sureBytes = (text: string): number => {
		let sure = text.length;
		const word = /[^\s]*$/.exec(text)?.[0] ?? '';
		if (/[A-Za-z0-9\u0080-\u00ff]/.test(word)) {
			sure -= word.length;
		}
		for (const value of values) {
			for (let length = Math.min(value.length - 1, text.length); length > text.length - sure; length--) {
				if (text.endsWith(value.slice(0, length))) {
					sure = text.length - length;
				}
			}
		}
		return sure;
	};

	const end = (): MaskedPiece[] => {
		const pieces = held.length === 0 ? [] : restOfHeld(held.length);
		letGo(held.length);
		return pieces;
	};

	return {
		push: (bytes, offset) => {
			const pieces: MaskedPiece[] = offset === heldAt + held.length ? [] : end();
			if (held.length === 0) {
				heldAt = offset;
			}
			let next: Buffer = bytes;
			if (held.length > 0) {
				const lf = bytes.indexOf(LF);
				const cr = bytes.indexOf(CR);
				const stop = Math.min(lf < 0 ? bytes.length : lf, cr < 0 ? bytes.length : cr);
				held = Buffer.concat([held, bytes.subarray(0, stop)]);
				next = bytes.subarray(stop);
				if (next.length > 0) {
					pieces.push(...end());
				}
			}
			if (next.length > 0) {
				// What is whole now; a line end that is left over from the line above is a line of its own, and empty.
				const whole = lastLineEnd(next) + 1;
				if (whole > 0) {
					pieces.push(...maskLines(next.subarray(0, whole), heldAt));
				}
				held = Buffer.from(next.subarray(whole));
				heldAt += whole;
			}
			if (held.length > longestLine) {
				const sure = sureBytes(held.toString('latin1'));
				const cut = sure > longestLine / 2 ? sure : held.length;
				pieces.push(...restOfHeld(cut));
				letGo(cut);
			}
			return pieces;
		},
		settle: () => {
			const sure = sureBytes(held.toString('latin1'));
			return sure <= shownBytes ? [] : restOfHeld(sure, 'look');
		},
		end,
	};
};
