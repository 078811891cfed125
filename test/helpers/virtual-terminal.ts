import xterm, { type IBufferCell } from '@xterm/headless';

/** A terminal without a window: what a person would see of the bytes written to it. */
export interface VirtualTerminal {
	readonly columns: number;
	readonly rows: number;
	write(data: string | Uint8Array): void;
	/** A change of size; at least 2×1, smaller is taken for that. */
	resize(columns: number, rows: number): void;
	/** All rows as text, without the blanks at their ends. */
	screen(): string[];
	/** The cell's look at a place. */
	cell(row: number, column: number): IBufferCell | undefined;
	readonly cursor: { readonly row: number; readonly column: number };
	/** The states a program must leave as it found them. */
	modes(): {
		readonly alternateScreen: boolean;
		readonly cursorHidden: boolean;
		readonly bracketedPaste: boolean;
		readonly mouse: boolean;
		readonly wraparound: boolean;
		readonly synchronized: boolean;
	};
	/** All output so far, as text. */
	readonly raw: string;
	/** Resolves when `test` holds for the screen, looked at after every write; rejects with the screen at the time-out. */
	waitFor(what: string | RegExp | ((screen: string[]) => boolean), timeoutMs?: number): Promise<void>;
	/** Resolves when all that was written has been drawn. */
	drawn(): Promise<void>;
	dispose(): void;
}

/** The modes in which a shell expects its terminal: what any full-screen program must leave. */
export const shellModes: ReturnType<VirtualTerminal['modes']> = {
	alternateScreen: false,
	cursorHidden: false,
	bracketedPaste: false,
	mouse: false,
	wraparound: true,
	synchronized: false,
};

/** @param lineDiscipline true where there is no pty in between, which returns the carriage at a line feed (ONLCR) */
export const createVirtualTerminal = (columns: number, rows: number, lineDiscipline = false): VirtualTerminal => {
	const terminal = new xterm.Terminal({
		cols: columns,
		rows,
		allowProposedApi: true,
		scrollback: 1000,
		convertEol: lineDiscipline,
	});
	const watchers = new Set<() => void>();
	let raw = '';
	let cursorHidden = false;

	const screen = () => {
		const { active } = terminal.buffer;
		return Array.from(
			{ length: terminal.rows },
			(_, row) =>
				active
					.getLine(active.baseY + row)
					?.translateToString(true, 0, terminal.cols)
					.trimEnd() ?? '',
		);
	};
	const notify = () => {
		for (const watcher of [...watchers]) {
			watcher();
		}
	};
	return {
		get columns() {
			return terminal.cols;
		},
		get rows() {
			return terminal.rows;
		},
		write: (data) => {
			const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
			raw += text;
			for (const match of text.matchAll(/\u001b\[\?25([hl])/g)) {
				cursorHidden = match[1] === 'l';
			}
			terminal.write(data, notify);
		},
		resize: (nextColumns, nextRows) => {
			terminal.resize(nextColumns, nextRows);
			notify();
		},
		screen,
		cell: (row, column) => {
			const { active } = terminal.buffer;
			return active.getLine(active.baseY + row)?.getCell(column);
		},
		get cursor() {
			return { row: terminal.buffer.active.cursorY, column: terminal.buffer.active.cursorX };
		},
		modes: () => ({
			alternateScreen: terminal.buffer.active.type === 'alternate',
			cursorHidden,
			bracketedPaste: terminal.modes.bracketedPasteMode,
			mouse: terminal.modes.mouseTrackingMode !== 'none',
			wraparound: terminal.modes.wraparoundMode,
			synchronized: terminal.modes.synchronizedOutputMode,
		}),
		get raw() {
			return raw;
		},
		waitFor: (what, timeoutMs = 60_000) => {
			const holds = () => {
				const lines = screen();
				return typeof what === 'function'
					? what(lines)
					: typeof what === 'string'
						? lines.some((line) => line.includes(what))
						: what.test(lines.join('\n'));
			};
			return new Promise((resolve, reject) => {
				const done = (end: () => void) => {
					clearTimeout(timer);
					watchers.delete(look);
					end();
				};
				const look = () => holds() && done(resolve);
				const timer = setTimeout(
					() => done(() => reject(new Error(`not seen in time: ${what}\n${screen().join('\n')}`))),
					timeoutMs,
				);
				watchers.add(look);
				look();
			});
		},
		drawn: () => new Promise((resolve) => terminal.write('', resolve)),
		dispose: () => terminal.dispose(),
	};
};
