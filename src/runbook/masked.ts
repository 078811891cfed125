/** Exists only as a type. A protected member makes it nominal, and is lost when an object is spread. */
declare class MaskedBrand {
	protected readonly masked: true;
}

/**
 * A value that has passed the masker: what prints, saves, posts or journals takes nothing else. Only secrets.ts, secrets-deep.ts and
 * output-masker.ts make one. A part of it, a copy by spreading and a text that contains it are plain values again, as a secret may have
 * been added: see `fromMasked`.
 */
export type Masked<T> = T & MaskedBrand;

/**
 * Makes a masked value from another one and our own words: its text, a part of it, its bytes.
 *
 * @param make uses nothing else that came from a host, a file or an operator
 */
export const fromMasked = <T, U>(value: Masked<T>, make: (value: T) => U): Masked<U> => make(value) as Masked<U>;
