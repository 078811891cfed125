import { codePointWidth } from './cells.ts';
import { readSequence } from './escapes.ts';
import { applySgr, type SgrStyle } from './sgr.ts';

/** A change of look: it applies from this character on. */
export interface LookChange {
	readonly start: number;
	readonly look: SgrStyle;
}

/** A line that is safe to show: its text has printable characters only. */
export interface SafeLine {
	readonly text: string;
	/** In ascending order of `start`; before the first one the look is plain. */
	readonly looks: readonly LookChange[];
}

const TAB_STOP = 8;
const MOST_MARKS = 4;
const PLAIN: readonly LookChange[] = [];
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Shown for a carriage return from the remote end: text written over another is shown beside it, never instead. */
const RETURN = '\u240d';
/** Shown for characters that reverse the reading order or pass for blanks: they are evidence, not decoration. */
const SUSPECT = '\ufffd';

// Bidirectional embeddings, overrides, isolates and marks (Unicode TR 9), Hangul fillers, line and paragraph separators.
const suspects = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u115f\u1160\u3164\uffa0\u2028\u2029\ufff9-\ufffb]/;
// Zero-width joiners, variation selectors, soft hyphens, tags and the like. Without them an emoji sequence falls into its parts, and its
// width is the same in every terminal. Of the format characters Arabic's and Syriac's number signs are visible; others, such as those that
// stack hieroglyphs (U+13430 and on), arrange their neighbours.
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cc}]|(?![\u0600-\u08e2])\p{Cf}/u;
const mark = /\p{M}/u;

const printable = (bytes: Uint8Array): boolean => {
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] ?? 0;
		if (byte < 0x20 || byte > 0x7e) {
			return false;
		}
	}
	return true;
};

/** Returns the replacement of one character of remote text, which is neither ESC nor a C1 control. */
const safeCharacter = (character: string, codePoint: number): string => {
	if (codePoint >= 0x20 && codePoint < 0x7f) {
		return character;
	}
	if (codePoint < 0xa0) {
		return '';
	}
	if (codePoint >= 0xd800 && codePoint <= 0xdfff) {
		return SUSPECT;
	}
	if (suspects.test(character)) {
		return SUSPECT;
	}
	return invisible.test(character) ? '' : character;
};

const sanitiseDecoded = (decoded: string, keepColour: boolean): SafeLine => {
	let text = '';
	let cells = 0;
	let marks = 0;
	let look: SgrStyle = {};
	const looks: LookChange[] = [];
	// Carriage returns at the end of a line are line ends of another system.
	const last = decoded.replace(/\r+$/, '').length;
	for (let at = 0; at < last; ) {
		const codePoint = decoded.codePointAt(at) ?? 0;
		if (codePoint === 0x1b || (codePoint >= 0x80 && codePoint <= 0x9f)) {
			const sequence = readSequence(decoded, at);
			if (keepColour && sequence.sgr !== undefined) {
				look = applySgr(look, sequence.sgr);
				looks.push({ start: text.length, look });
			}
			at = sequence.end;
			continue;
		}
		const character = String.fromCodePoint(codePoint);
		at += character.length;
		if (codePoint === 0x09) {
			const blanks = TAB_STOP - (cells % TAB_STOP);
			text += ' '.repeat(blanks);
			cells += blanks;
			continue;
		}
		if (codePoint === 0x0d || codePoint === 0x0a) {
			text += RETURN;
			cells++;
			continue;
		}
		const safe = safeCharacter(character, codePoint);
		// A pile of combining marks on one character would cover the rows around it.
		marks = safe !== '' && codePoint >= 0x300 && mark.test(safe) ? marks + 1 : 0;
		if (safe !== '' && marks <= MOST_MARKS) {
			text += safe;
			cells += codePointWidth(safe.codePointAt(0) ?? 0);
		}
	}
	return { text, looks };
};

/**
 * Makes one line of remote bytes safe to show. Invalid UTF-8 becomes U+FFFD; control characters are removed, and so are escape
 * sequences with all their payload, finished or not; tabs become spaces; a carriage return inside the line shows as ␍. Colour is kept
 * only as looks, which are rebuilt when the row is drawn.
 */
export const sanitiseLine = (bytes: Uint8Array, options: { readonly colour?: boolean } = {}): SafeLine => {
	if (printable(bytes)) {
		return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'), looks: PLAIN };
	}
	return sanitiseDecoded(decoder.decode(bytes), options.colour ?? true);
};

/** Makes any text from the host (a container's name, a commit's subject) safe to show in one row, without colour. */
export const sanitiseText = (text: string): string => (/[^ -~]/.test(text) ? sanitiseDecoded(text, false).text : text);
