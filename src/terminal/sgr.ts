const CSI = '\u001b[';

/** The looks of our own rows. Written only by us, never passed through. */
export interface SgrStyle {
	readonly bold?: boolean;
	readonly dim?: boolean;
	readonly italic?: boolean;
	readonly underline?: boolean;
	readonly inverse?: boolean;
	/** A foreground colour of the sixteen: 31-37 or 90-97. */
	readonly colour?: number;
	/** Parameters of our own theme, in addition to the others: never the remote's. */
	readonly code?: string;
}

/** Returns the sequence that sets exactly this look, whatever was set before; `SGR 0` for a plain one. */
export const sgrSequence = (look: SgrStyle): string => {
	const parameters = [
		'0',
		look.bold && '1',
		look.dim && '2',
		look.italic && '3',
		look.underline && '4',
		look.inverse && '7',
		look.colour && String(look.colour),
		look.code,
	].filter(Boolean);
	return `${CSI}${parameters.join(';')}m`;
};

export const isPlain = (look: SgrStyle): boolean => sgrSequence(look) === `${CSI}0m`;

/** Returns a sanitised text in a look, which is reset after it. */
export const applyStyle = (text: string, look: SgrStyle): string =>
	text === '' || isPlain(look) ? text : `${sgrSequence(look)}${text}${CSI}0m`;

/**
 * Applies remote SGR parameters to a look. Only bold, dim, italic, underline and the sixteen foreground colours except black are used:
 * nothing that can hide a text (concealed, black, backgrounds, 256 and direct colours), blink, or pass for our own marks (inverse).
 */
export const applySgr = (look: SgrStyle, parameters: string): SgrStyle => {
	let next = look;
	// Colon forms include their arguments; the semicolon forms of 38, 48 and 58 take the following parameters.
	const codes = parameters.split(';').map((parameter) => (parameter.includes(':') ? -1 : Number(parameter || '0')));
	for (let at = 0; at < codes.length; at++) {
		const code = codes[at] ?? -1;
		if (code === 38 || code === 48 || code === 58) {
			at += codes[at + 1] === 5 ? 2 : codes[at + 1] === 2 ? 4 : 1;
		} else if (code === 0) {
			next = {};
		} else if (code === 1) {
			next = { ...next, bold: true };
		} else if (code === 2) {
			next = { ...next, dim: true };
		} else if (code === 3) {
			next = { ...next, italic: true };
		} else if (code === 4) {
			next = { ...next, underline: true };
		} else if (code === 22) {
			next = { ...next, bold: false, dim: false };
		} else if (code === 23) {
			next = { ...next, italic: false };
		} else if (code === 24) {
			next = { ...next, underline: false };
		} else if ((code >= 31 && code <= 37) || (code >= 90 && code <= 97)) {
			next = { ...next, colour: code };
		} else if (code === 39 || code === 30) {
			next = { ...next, colour: undefined };
		}
	}
	return next;
};
