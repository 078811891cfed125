import type { Masked } from '../runbook/masked.ts';
import { sanitiseText } from './sanitise.ts';

const ESC = '\u001b';
const ST = `${ESC}\\`;

/** xterm's limit on OSC 52 differs by terminal; most take at least this many characters of base64 (hterm, tmux). */
export const CLIPBOARD_LIMIT = 74_994;

/**
 * Returns the escape sequence that puts a masked text on the clipboard of the operator's terminal, even through SSH (OSC 52; "Manipulate
 * Selection Data" in xterm's ctlseqs). Undefined when the text is longer than terminals accept.
 */
export const clipboardSequence = (text: Masked<string>): string | undefined => {
	const encoded = Buffer.from(text, 'utf8').toString('base64');
	return encoded.length > CLIPBOARD_LIMIT ? undefined : `${ESC}]52;c;${encoded}${ST}`;
};

/**
 * Returns a text that the terminal opens as a link (OSC 8). Only http, https and mailto addresses become links; the address is
 * percent-encoded, so that nothing in it can end the sequence. `text` is sanitised already.
 */
export const hyperlink = (text: string, address: string): string => {
	const url = URL.parse(address);
	if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) {
		return text;
	}
	const safe = url.href.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
	return `${ESC}]8;;${safe}${ST}${text}${ESC}]8;;${ST}`;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the escape sequence for a notification of the terminal: OSC 777 (rxvt, foot, VTE) or OSC 9 (iTerm2, WezTerm, Ghostty, kitty,
 * Windows Terminal). Empty for a terminal that is not known to support one, and within tmux or screen, which pass none on.
 */
export const notificationSequence = (title: string, text: Masked<string>, env: Environment): string => {
	const { TERM = '', TERM_PROGRAM = '' } = env;
	if (env.TMUX !== undefined || /^(?:screen|tmux)/.test(TERM)) {
		return '';
	}
	const [heading, body] = [sanitiseText(title), sanitiseText(text)];
	if (/^(?:rxvt|foot)/.test(TERM) || env.VTE_VERSION !== undefined) {
		return `${ESC}]777;notify;${heading.replaceAll(';', ',')};${body}${ST}`;
	}
	return /^(?:iTerm\.app|WezTerm|ghostty)$/.test(TERM_PROGRAM) || TERM === 'xterm-kitty' || env.WT_SESSION !== undefined
		? `${ESC}]9;${heading}: ${body}${ST}`
		: '';
};

/** True when the terminal is known to open links (OSC 8); FORCE_HYPERLINK=1 says that it does, 0 that it does not. */
export const opensLinks = (env: Environment): boolean => {
	const { TERM = '', TERM_PROGRAM = '', FORCE_HYPERLINK } = env;
	if (FORCE_HYPERLINK !== undefined) {
		return FORCE_HYPERLINK !== '0';
	}
	return (
		/^(?:iTerm\.app|WezTerm|ghostty|vscode|Hyper|rio|tmux)$/.test(TERM_PROGRAM) ||
		/^(?:xterm-kitty|xterm-ghostty|alacritty|foot)/.test(TERM) ||
		Number(env.VTE_VERSION ?? 0) >= 5000 ||
		env.KONSOLE_VERSION !== undefined ||
		env.WT_SESSION !== undefined
	);
};
