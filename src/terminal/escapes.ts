// Escape sequences as terminals parse them: ECMA-48 (5th edition) sections 5.3-5.6 and 8.3, and the state machine of xterm's ctlseqs. All
// of this works on UTF-16 code units of decoded text.

const ESC = 0x1b;
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;
const ST = 0x9c;

/** An escape sequence found in a text. */
export interface Sequence {
	/** Index just after it. */
	readonly end: number;
	/** The parameters, when it is an SGR sequence (`CSI … m`) without intermediate or private bytes. */
	readonly sgr?: string;
}

/** Returns the end of a string sequence (OSC, DCS, SOS, PM, APC): after its terminator, or the end of the text when there is none. */
const stringEnd = (text: string, from: number, bell: boolean): number => {
	for (let at = from; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === ST || code === CAN || code === SUB || (bell && code === BEL)) {
			return at + 1;
		}
		if (code === ESC) {
			// ESC \ ends it; any other ESC interrupts it and begins a sequence of its own.
			return text.charCodeAt(at + 1) === 0x5c ? at + 2 : at;
		}
	}
	return text.length;
};

const controlSequence = (text: string, from: number): Sequence => {
	for (let at = from; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code >= 0x40 && code <= 0x7e) {
			const parameters = text.slice(from, at);
			return code === 0x6d && /^[0-9;:]*$/.test(parameters) ? { end: at + 1, sgr: parameters } : { end: at + 1 };
		}
		if (code === CAN || code === SUB) {
			return { end: at + 1 };
		}
		// A control character inside is executed by a terminal and dropped here; ESC starts again, as does a C1.
		if (code === ESC || code >= 0x80) {
			return { end: at };
		}
	}
	return { end: text.length };
};

const byIntroducer = (text: string, introducer: number, from: number): Sequence | undefined => {
	switch (introducer) {
		case 0x9b:
			return controlSequence(text, from);
		case 0x9d:
			return { end: stringEnd(text, from, true) };
		case 0x90:
		case 0x98:
		case 0x9e:
		case 0x9f:
			return { end: stringEnd(text, from, false) };
		default:
			return undefined;
	}
};

/**
 * Reads the escape sequence that begins at `from`, with ESC or with a C1 control. Always gets past `from`; an unfinished sequence takes the
 * rest of the text.
 */
export const readSequence = (text: string, from: number): Sequence => {
	const first = text.charCodeAt(from);
	if (first !== ESC) {
		return byIntroducer(text, first, from + 1) ?? { end: from + 1 };
	}
	const second = text.charCodeAt(from + 1);
	// ESC with a byte of columns 4 and 5 is the 7-bit form of a C1 control.
	const introduced = second >= 0x40 && second <= 0x5f ? byIntroducer(text, second + 0x40, from + 2) : undefined;
	if (introduced) {
		return introduced;
	}
	let at = from + 1;
	while (text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x2f) {
		at++;
	}
	const last = text.charCodeAt(at);
	return { end: last >= 0x30 && last <= 0x7e ? at + 1 : at };
};
