// Finds which rows of the screen some output touches. It knows the sequences that Ink writes (ansi-escapes and cli-cursor) and treats any
// other that could move the cursor as touching everything.

export interface DamageTracker {
	/**
	 * Reads output on its way to the terminal.
	 * @param touched is called with each row (0 at the top) that is written to or erased; with undefined for all rows
	 */
	read(output: string, touched: (row: number | undefined) => void): void;
	/** Sets the new size; the terminal keeps the cursor inside. */
	resize(rows: number): void;
	/** True while the cursor is shown. */
	readonly cursorShown: boolean;
}

const sequence = /\u001b(?:\[([?>]?)([\d;]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|([78=>]))|\n|\r/g;

export const createDamageTracker = (initialRows: number): DamageTracker => {
	let rows = Math.max(1, initialRows);
	let row = 0;
	let cursorShown = true;

	const move = (to: number) => {
		row = Math.min(rows - 1, Math.max(0, to));
	};
	const range = (from: number, to: number, touched: (row: number) => void) => {
		for (let at = from; at < to; at++) {
			touched(at);
		}
	};
	const control = (
		isPrivate: boolean,
		parameters: string,
		final: string,
		touched: (row: number | undefined) => void,
	) => {
		const first = Number(parameters.split(';')[0] || '0');
		if (isPrivate) {
			if (parameters === '25') {
				cursorShown = final === 'h';
			}
			return;
		}
		switch (final) {
			case 'A':
			case 'F':
				return move(row - Math.max(1, first));
			case 'B':
			case 'E':
				return move(row + Math.max(1, first));
			case 'H':
				return move(Math.max(1, first) - 1);
			case 'K':
				return touched(row);
			case 'J':
				return first === 0 ? range(row, rows, touched) : first === 1 ? range(0, row + 1, touched) : touched(undefined);
			case 'C':
			case 'D':
			case 'G':
			case 'm':
			case 'u':
				return;
			default:
				return touched(undefined);
		}
	};

	return {
		read: (output, touched) => {
			let at = 0;
			for (const match of output.matchAll(sequence)) {
				if (match.index > at) {
					touched(row);
				}
				at = match.index + match[0].length;
				if (match[0] === '\n') {
					// At the bottom a line feed scrolls: every row has moved.
					if (row === rows - 1) {
						touched(undefined);
					}
					move(row + 1);
				} else if (match[3]) {
					control(match[1] !== '', match[2] ?? '', match[3], touched);
				}
			}
			if (at < output.length) {
				touched(row);
			}
		},
		resize: (next) => {
			rows = Math.max(1, next);
			move(row);
		},
		get cursorShown() {
			return cursorShown;
		},
	};
};
