/** Only in types. A protected member makes it nominal, and does not come along when an object is spread. */
declare class MaskedBrand {
	protected readonly masked: true;
}

/**
 * A value in which the masker has left no secret: what prints, saves, posts or journals takes nothing else. Only secrets.ts,
 * secrets-deep.ts and output-masker.ts make one. A part of it, a copy by spreading it and a text with it inside are plain values
 * again, for something else may have come in: see `fromMasked`.
 */
export type Masked<T> = T & MaskedBrand;

/**
 * Something made of a masked value and of words of our own: its text, a part of it, its bytes.
 *
 * @param make takes nothing else that came from a host, a file or an operator
 */
export const fromMasked = <T, U>(value: Masked<T>, make: (value: T) => U): Masked<U> => make(value) as Masked<U>;
