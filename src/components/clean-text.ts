import { sanitiseText } from '../terminal/sanitise.ts';

// ASCII, Latin, and the punctuation, arrows, boxes and bars that this program draws with: none of it can control a terminal.
const harmless = /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27bf]*$/;

/** Removes whatever could control a terminal; see `sanitiseText`. */
export const cleanText = (text: string): string => (harmless.test(text) ? text : sanitiseText(text));
