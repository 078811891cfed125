import { EventEmitter } from 'node:events';
import { createDamageTracker } from './damage.ts';
import { MOUSE_OFF, MOUSE_ON } from './mouse.ts';
import type { Painter, Region } from './region.ts';
import { createScreenRows } from './screen-rows.ts';
import { asWriteStream, type TerminalOutput } from './terminal-output.ts';

export interface Compositor extends Painter {
	/** The stream for Ink's `render(…, {stdout})`. */
	readonly stdout: NodeJS.WriteStream;
	/**
	 * Sets the function that is called when the screen was emptied after a change of size: Ink's `clear()`, so that its next frame is a
	 * complete one.
	 */
	onCleared(listener: () => void): void;
	/** Turns the terminal's mouse reports on or off, while the alternate screen is shown. */
	setMouse(on: boolean): void;
	/** Releases the terminal. Nothing is painted afterwards; what Ink writes still passes through. */
	close(): void;
}

const ESC = '\u001b';
const SYNC_BEGIN = `${ESC}[?2026h`;
const SYNC_END = `${ESC}[?2026l`;
const ENTER_ALTERNATE = `${ESC}[?1049h`;
const LEAVE_ALTERNATE = `${ESC}[?1049l`;
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const HOME = `${ESC}[H`;
const ERASE_BELOW = `${ESC}[J`;
// Save and restore the cursor (DECSC, DECRC); rows never wrap meanwhile (DECAWM), should the terminal think a character wider than we do.
const PAINT_BEGIN = `${ESC}7${ESC}[?7l`;
const PAINT_END = `${ESC}[?7h${ESC}8`;

/** Minimum interval between its own frames, ms; see the throttle of the output buffer. */
const PAINT_MS = 33;

type WriteCallback = (error?: Error | null) => void;

/** The part of a frame that Ink has written so far. */
interface Frame {
	readonly parts: string[];
	readonly done: WriteCallback[];
}

/**
 * Sits between Ink and the terminal. Everything that Ink writes passes through unchanged; within Ink's synchronized update (`CSI ?
 * 2026`), and on its own when only a region has changed, it paints the rows of the regions that differ from the screen. It paints in
 * the alternate screen only, so a suspended program's terminal is left alone.
 *
 * Ink moves the cursor relative to where it left it, hence save and restore; Ink rewrites only rows that differ from its own last
 * frame, hence rows that leave a region are erased before Ink's frame that draws on them.
 */
export const createCompositor = (terminal: TerminalOutput): Compositor => new RegionCompositor(terminal);

class RegionCompositor implements Compositor {
	readonly stdout: NodeJS.WriteStream;
	readonly #terminal: TerminalOutput;
	readonly #events = new EventEmitter();
	readonly #tracker: ReturnType<typeof createDamageTracker>;
	readonly #screen = createScreenRows();
	readonly #regions = new Map<string, Region>();
	#onCleared = () => {};
	#frame: Frame | undefined;
	#alternate = false;
	#closed = false;
	#mouse = false;
	#paintedAt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#immediate: ReturnType<typeof setImmediate> | undefined;
	#resizing: ReturnType<typeof setImmediate> | undefined;

	constructor(terminal: TerminalOutput) {
		this.#terminal = terminal;
		this.#tracker = createDamageTracker(terminal.rows ?? 24);
		this.#events.setMaxListeners(0);
		this.stdout = asWriteStream(terminal, this.#events, this.#write);
		terminal.on('resize', this.#onResize);
		terminal.on('drain', this.#onDrain);
	}

	setRegion(id: string, region: Region | undefined): void {
		if (region && region.height > 0) {
			this.#regions.set(id, region);
		} else {
			this.#regions.delete(id);
		}
		this.#schedule('soon');
	}

	invalidate(id: string, urgency: 'now' | 'soon'): void {
		if (this.#regions.has(id)) {
			this.#schedule(urgency);
		}
	}

	onCleared(listener: () => void): void {
		this.#onCleared = listener;
	}

	setMouse(on: boolean): void {
		this.#mouse = on;
		if (this.#isActive()) {
			this.#terminal.write(on ? MOUSE_ON : MOUSE_OFF);
		}
	}

	close(): void {
		this.#closed = true;
		clearImmediate(this.#resizing);
		this.#resizing = undefined;
		this.#cancel();
		this.#terminal.off('resize', this.#onResize);
		this.#terminal.off('drain', this.#onDrain);
	}

	#isActive(): boolean {
		return this.#alternate && !this.#closed && Boolean(this.#terminal.isTTY);
	}

	#columns(): number {
		return this.#terminal.columns || 80;
	}

	#rows(): number {
		return this.#terminal.rows || 24;
	}

	#schedule(urgency: 'now' | 'soon'): void {
		if (!this.#isActive()) {
			return;
		}
		const wait = urgency === 'now' ? 0 : PAINT_MS - (performance.now() - this.#paintedAt);
		if (wait <= 0) {
			this.#immediate ??= setImmediate(this.#paint);
		} else {
			this.#timer ??= setTimeout(this.#paint, wait);
		}
	}

	#cancel(): void {
		clearTimeout(this.#timer);
		clearImmediate(this.#immediate);
		this.#timer = undefined;
		this.#immediate = undefined;
	}

	/** Paints without a frame of Ink's. */
	readonly #paint = (): void => {
		this.#cancel();
		// A slow terminal gets the newest rows when it is ready, not every frame in between.
		if (!this.#isActive() || this.#frame || this.#resizing || this.#terminal.writableNeedDrain) {
			return;
		}
		const body = this.#wrapped(this.#clearStale() + this.#paintRegions());
		this.#paintedAt = performance.now();
		if (body !== '') {
			this.#terminal.write(SYNC_BEGIN + body + SYNC_END);
		}
	};

	#clearStale(): string {
		return this.#screen.clearStale(this.#regions, this.#rows());
	}

	#paintRegions(): string {
		return this.#screen.paint(this.#regions, this.#columns(), this.#rows());
	}

	/** Returns a frame that leaves the cursor where it was. */
	#wrapped(body: string): string {
		if (body === '') {
			return '';
		}
		const painting = PAINT_BEGIN + body + PAINT_END;
		return this.#tracker.cursorShown ? HIDE_CURSOR + painting + SHOW_CURSOR : painting;
	}

	readonly #write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
		const data = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
		const done = (typeof encoding === 'function' ? encoding : callback) as WriteCallback | undefined;
		if (this.#frame) {
			this.#frame.parts.push(data);
			if (done) {
				this.#frame.done.push(done);
			}
			return data === SYNC_END ? this.#endFrame(this.#frame, true) : true;
		}
		if (data === SYNC_BEGIN) {
			this.#frame = { parts: [data], done: [] };
			// Ink writes a frame without pause; should it fail half-way, nothing is held back.
			queueMicrotask(() => {
				if (this.#frame) {
					this.#endFrame(this.#frame, false);
				}
			});
			return true;
		}
		const result = this.#pass(data, done);
		if (this.#screen.isDamaged(this.#regions)) {
			this.#schedule('soon');
		}
		return result;
	};

	#endFrame({ parts, done }: Frame, complete: boolean): boolean {
		this.#frame = undefined;
		const body = parts.join('');
		const callback = done.length === 0 ? undefined : (error?: Error | null) => done.map((each) => each(error));
		if (this.#resizing) {
			return this.#terminal.write('', callback);
		}
		if (!this.#isActive()) {
			return this.#pass(body, callback);
		}
		// Erased before the frame: Ink assumes its own last rows there.
		const before = this.#wrapped(this.#clearStale());
		this.#readDamage(body);
		const after = this.#wrapped(this.#paintRegions());
		this.#paintedAt = performance.now();
		this.#cancel();
		const text = complete
			? SYNC_BEGIN + before + body.slice(SYNC_BEGIN.length, -SYNC_END.length) + after + SYNC_END
			: before + body + after;
		return this.#terminal.write(text, callback);
	}

	/** Writes text outside of frames unchanged. */
	#pass(data: string, done?: WriteCallback): boolean {
		this.#readDamage(data);
		if (data.includes(LEAVE_ALTERNATE)) {
			this.#alternate = false;
			this.#cancel();
			if (this.#mouse) {
				return this.#terminal.write(MOUSE_OFF + data, done);
			}
		}
		if (data.includes(ENTER_ALTERNATE)) {
			this.#alternate = true;
			this.#screen.forget(undefined);
			// Terminals keep the cursor where it was on the other screen; the frame begins at the top.
			this.#tracker.read(HOME, () => {});
			const enter = ENTER_ALTERNATE + HOME + (this.#mouse ? MOUSE_ON : '');
			return this.#terminal.write(data.replace(ENTER_ALTERNATE, enter), done);
		}
		return this.#terminal.write(data, done);
	}

	/** Marks the rows that this text changes as unknown. */
	#readDamage(text: string): void {
		this.#tracker.read(text, this.#forgetRow);
	}

	readonly #forgetRow = (row: number | undefined): void => this.#screen.forget(row);

	readonly #redraw = (): void => {
		this.#resizing = undefined;
		if (this.#isActive()) {
			this.#pass(HOME + ERASE_BELOW);
			this.#onCleared();
		}
		this.#events.emit('resize');
		this.#schedule('soon');
	};

	readonly #onResize = (): void => {
		this.#tracker.resize(this.#terminal.rows ?? 24);
		if (!this.#isActive()) {
			this.#events.emit('resize');
			return;
		}
		// Ink answers a resize before React has laid out the new size: a frame of the old height and width, which may wrap and scroll. Nor
		// do terminals agree on which rows they keep. So the frames of this turn are dropped, and when React is done, Ink is told once more
		// and draws all of its frame on an empty screen. React's scheduler works in the turn after this one, hence two turns.
		this.#resizing ??= setImmediate(() => {
			this.#resizing = setImmediate(this.#redraw);
		});
		this.#events.emit('resize');
	};

	readonly #onDrain = (): void => {
		this.#events.emit('drain');
		this.#schedule('soon');
	};
}
