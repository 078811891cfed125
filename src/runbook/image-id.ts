/** True for the full id of an image, as Docker prints it; anything else is a name. */
export const isImageId = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);
