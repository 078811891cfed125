const CSI = '\u001b[';

/**
 * Returns the output that restores any terminal for a shell, whatever state the program died in: ends a synchronized update, mouse
 * reports and bracketed paste, wraps lines again, plain look, main screen, cursor shown. Each has no effect if it is the case already,
 * except one: terminals restore the main screen's cursor position once more, and what was printed since is overwritten.
 */
const restoring = (leavesAlternate: boolean): string =>
	[
		`${CSI}?2026l`,
		...[1000, 1002, 1003, 1006].map((mode) => `${CSI}?${mode}l`),
		`${CSI}?2004l`,
		`${CSI}?7h`,
		`${CSI}0m`,
		...(leavesAlternate ? [`${CSI}?1049l`] : []),
		`${CSI}?25h`,
	].join('');

/**
 * What a program that was ended in the middle may have left on: the alternate screen, a scroll region, application keys (xterm's
 * ctlseqs: DECCKM, DECKPNM), reports of focus, another character set, the keys of kitty and of xterm's modifyOtherKeys.
 */
const afterProgram = [
	restoring(true),
	`${CSI}?1004l`,
	`${CSI}?1l`,
	'\u001b>',
	'\u001b(B',
	'\u000f',
	// Without the scroll region the cursor goes home: it stays where it is.
	`\u001b7${CSI}r\u001b8`,
	`${CSI}<u`,
	`${CSI}>4;0m`,
].join('');

/** Brings a terminal that another program had to itself back to how it was, however that program ended. */
export const resetAfterProgram = (output: { write(data: string): unknown }): void => {
	try {
		output.write(afterProgram);
	} catch {
		// The terminal is gone.
	}
};

export interface TerminalInput {
	readonly isTTY?: boolean;
	readonly isRaw?: boolean;
	setRawMode?(on: boolean): unknown;
}

/**
 * Restores the terminal as a last resort: call it last, from an `exit` or `uncaughtException` handler.
 *
 * @param leavesAlternate false if the alternate screen was left already, and something was printed since
 */
export const restoreTerminal = (
	output: { readonly isTTY?: boolean; write(data: string): unknown },
	input: TerminalInput,
	leavesAlternate = true,
): void => {
	try {
		if (input.isTTY && input.isRaw) {
			input.setRawMode?.(false);
		}
	} catch {
		// The terminal is gone (SIGHUP), so there is nothing to restore.
	}
	try {
		if (output.isTTY) {
			output.write(restoring(leavesAlternate));
		}
	} catch {
		// As above.
	}
};
