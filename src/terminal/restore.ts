const CSI = '\u001b[';

/**
 * Brings any terminal back to how a shell expects it, whatever state the program died in: ends a synchronized update,
 * mouse reports and bracketed paste, wraps lines again, plain look, main screen, cursor shown. Each is without effect
 * where it holds already (the main screen's cursor position is restored once more in some terminals).
 */
export const RESTORE_SEQUENCE = [
	`${CSI}?2026l`,
	...[1000, 1002, 1003, 1006].map((mode) => `${CSI}?${mode}l`),
	`${CSI}?2004l`,
	`${CSI}?7h`,
	`${CSI}0m`,
	`${CSI}?1049l`,
	`${CSI}?25h`,
].join('');

export interface TerminalInput {
	readonly isTTY?: boolean;
	readonly isRaw?: boolean;
	setRawMode?(on: boolean): unknown;
}

/** What remains when nothing else works any more: to be called last, from an `exit` or `uncaughtException` handler. */
export const restoreTerminal = (
	output: { readonly isTTY?: boolean; write(data: string): unknown },
	input: TerminalInput,
): void => {
	try {
		if (input.isTTY && input.isRaw) {
			input.setRawMode?.(false);
		}
	} catch {
		// The terminal is gone (SIGHUP): there is nobody to restore it for.
	}
	try {
		if (output.isTTY) {
			output.write(RESTORE_SEQUENCE);
		}
	} catch {
		// As above.
	}
};
