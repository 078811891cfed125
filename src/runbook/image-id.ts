/** True for the full id of an image, as Docker prints it; anything else is a name. */
export const isImageId = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);

/** True for an image's name, with or without its digest behind an @: how an engine of several machines names images. */
export const isReference = (text: string): boolean =>
	text !== '' && !text.startsWith('sha256:') && !/^[0-9a-f]{12,64}$/.test(text);

/** Returns the digest of a reference. */
export const digestOf = (reference: string): string | undefined => /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];

/** True when the image that runs is the one that is wanted: it has the wanted digest or, if none is wanted, the name. */
export const isReferenceTo = (runs: string, wanted: string): boolean =>
	digestOf(wanted) === undefined ? runs.replace(/@.*$/, '') === wanted : digestOf(runs) === digestOf(wanted);
