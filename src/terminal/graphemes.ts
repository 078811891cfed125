import { isSingleCell } from './fast-width.ts';

const ESC = 0x1b;

/** True for a text of which each code unit is a character of its own: signs of one cell, and the escapes of colours. */
const isPlain = (text: string): boolean => {
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code !== ESC && !isSingleCell(code)) {
			return false;
		}
	}
	return true;
};

class PlainSegments {
	readonly #text: string;

	constructor(text: string) {
		this.#text = text;
	}

	containing(index = 0): Intl.SegmentData | undefined {
		const segment = this.#text[index];
		return segment === undefined ? undefined : { segment, index, input: this.#text };
	}

	*[Symbol.iterator](): IterableIterator<Intl.SegmentData> {
		for (let index = 0; index < this.#text.length; index++) {
			yield { segment: this.#text[index] ?? '', index, input: this.#text };
		}
	}
}

let segmenter: Intl.Segmenter | undefined;

/**
 * Divides a text into the same characters as an `Intl.Segmenter`, which is made for the first text that needs one: that takes a third of
 * the time of an empty Node program. The build gives it to Ink, which segments each row of the first frame.
 */
export const graphemes = {
	segment: (text: string): Pick<Intl.Segments, 'containing'> & Iterable<Intl.SegmentData> => {
		if (isPlain(text)) {
			return new PlainSegments(text);
		}
		segmenter ??= new Intl.Segmenter();
		return segmenter.segment(text);
	},
};
