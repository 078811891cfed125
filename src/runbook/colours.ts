/** Colours, and the `erase to the end of the line` that grep prints beside them (ECMA-48, SGR and EL). */
const colours = /\u001b\[[\d;:]*[mK]/g;

/** Returns a text without its colours. */
export const withoutColours = (text: string): string => (text.includes('\u001b') ? text.replaceAll(colours, '') : text);
