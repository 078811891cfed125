const ESC = '\u001b';
const ST = `${ESC}\\`;

/** xterm's limit on OSC 52 differs by terminal; most take at least this many characters of base64 (hterm, tmux). */
export const CLIPBOARD_LIMIT = 74_994;

/**
 * The escape sequence that puts a text on the clipboard of the operator's terminal, through SSH and all (OSC 52;
 * "Manipulate Selection Data" in xterm's ctlseqs). Undefined when the text is longer than terminals take.
 */
export const clipboardSequence = (text: string): string | undefined => {
	const encoded = Buffer.from(text, 'utf8').toString('base64');
	return encoded.length > CLIPBOARD_LIMIT ? undefined : `${ESC}]52;c;${encoded}${ST}`;
};

/**
 * A text that the terminal opens as a link (OSC 8). Only http, https and mailto addresses become links; the address
 * is percent-encoded, so that nothing in it can end the sequence. `text` is sanitised already.
 */
export const hyperlink = (text: string, address: string): string => {
	const url = URL.parse(address);
	if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) {
		return text;
	}
	const safe = url.href.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
	return `${ESC}]8;;${safe}${ST}${text}${ESC}]8;;${ST}`;
};
