import { EventEmitter } from 'node:events';
import { createDamageTracker } from './damage.ts';
import { MOUSE_OFF, MOUSE_ON } from './mouse.ts';
import type { Painter, Region } from './region.ts';
import { createScreenRows } from './screen-rows.ts';

/** What a terminal's output offers; `process.stdout` is one. */
export interface TerminalOutput {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	readonly writable?: boolean;
	readonly writableNeedDrain?: boolean;
	readonly writableEnded?: boolean;
	readonly destroyed?: boolean;
	write(data: string, done?: (error?: Error | null) => void): boolean;
	on(event: 'resize' | 'drain', listener: () => void): unknown;
	off(event: 'resize' | 'drain', listener: () => void): unknown;
}

export interface Compositor extends Painter {
	/** For Ink's `render(…, {stdout})`. */
	readonly stdout: NodeJS.WriteStream;
	/**
	 * Sets what is called when the screen was emptied after a change of size: Ink's `clear()`, so that its next frame
	 * is a whole one.
	 */
	onCleared(listener: () => void): void;
	/** Asks for the mouse, for as long as the alternate screen is shown. */
	setMouse(on: boolean): void;
	/** Lets go of the terminal. Nothing is painted from then on; what Ink writes still goes through. */
	close(): void;
}

const ESC = '\u001b';
const SYNC_BEGIN = `${ESC}[?2026h`;
const SYNC_END = `${ESC}[?2026l`;
const ENTER_ALTERNATE = `${ESC}[?1049h`;
const LEAVE_ALTERNATE = `${ESC}[?1049l`;
const HOME = `${ESC}[H`;
const ERASE_BELOW = `${ESC}[J`;
// Save and restore the cursor (DECSC, DECRC); rows never wrap meanwhile (DECAWM), should the terminal think a
// character wider than we do.
const PAINT_BEGIN = `${ESC}7${ESC}[?7l`;
const PAINT_END = `${ESC}[?7h${ESC}8`;

/** Paintings of its own are at least this far apart, in ms; see the throttle of the output buffer. */
const PAINT_MS = 33;

/**
 * Stands between Ink and the terminal. All that Ink writes goes through unchanged; within Ink's synchronized update
 * (`CSI ? 2026`), and on its own when only a region has changed, it paints the rows of the regions that differ from
 * what is on the screen. It paints in the alternate screen only, so a suspended program's terminal is left alone.
 *
 * Ink moves the cursor relative to where it left it, hence save and restore; Ink rewrites only rows that differ from
 * its own last frame, hence rows that leave a region are erased before Ink's frame that draws on them.
 */
export const createCompositor = (terminal: TerminalOutput): Compositor => {
	let onCleared = () => {};
	const events = new EventEmitter();
	events.setMaxListeners(0);
	const tracker = createDamageTracker(terminal.rows ?? 24);
	const screen = createScreenRows();
	const regions = new Map<string, Region>();
	let frame: string[] | undefined;
	let frameDone: ((error?: Error | null) => void)[] = [];
	let alternate = false;
	let closed = false;
	let mouse = false;
	let painted = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let immediate: ReturnType<typeof setImmediate> | undefined;
	let resizing: ReturnType<typeof setImmediate> | undefined;

	const active = () => alternate && !closed && Boolean(terminal.isTTY);
	const size = () => ({ columns: terminal.columns || 80, rows: terminal.rows || 24 });
	const wrapped = (body: string): string => {
		if (body === '') {
			return '';
		}
		const [hide, show] = tracker.cursorShown ? [`${ESC}[?25l`, `${ESC}[?25h`] : ['', ''];
		return hide + PAINT_BEGIN + body + PAINT_END + show;
	};
	const cancel = () => {
		clearTimeout(timer);
		clearImmediate(immediate);
		timer = undefined;
		immediate = undefined;
	};
	const paint = () => {
		cancel();
		// A slow terminal gets the newest rows when it is ready, not every frame in between.
		if (!active() || frame || resizing || terminal.writableNeedDrain) {
			return;
		}
		const { columns, rows } = size();
		const body = wrapped(screen.clearStale(regions, rows) + screen.paint(regions, columns, rows));
		painted = performance.now();
		if (body !== '') {
			terminal.write(SYNC_BEGIN + body + SYNC_END);
		}
	};
	const schedule = (urgency: 'now' | 'soon') => {
		if (!active()) {
			return;
		}
		const wait = urgency === 'now' ? 0 : PAINT_MS - (performance.now() - painted);
		if (wait <= 0) {
			immediate ??= setImmediate(paint);
		} else {
			timer ??= setTimeout(paint, wait);
		}
	};

	const pass = (data: string, done?: (error?: Error | null) => void): boolean => {
		tracker.read(data, (row) => screen.forget(row));
		if (data.includes(LEAVE_ALTERNATE)) {
			alternate = false;
			cancel();
			if (mouse) {
				return terminal.write(MOUSE_OFF + data, done);
			}
		}
		if (data.includes(ENTER_ALTERNATE)) {
			alternate = true;
			screen.forget(undefined);
			// Terminals keep the cursor where it was on the other screen; the frame begins at the top.
			tracker.read(HOME, () => {});
			return terminal.write(data.replace(ENTER_ALTERNATE, ENTER_ALTERNATE + HOME + (mouse ? MOUSE_ON : '')), done);
		}
		return terminal.write(data, done);
	};
	const endFrame = (complete: boolean): boolean => {
		const parts = frame ?? [];
		const done = frameDone;
		frame = undefined;
		frameDone = [];
		const body = parts.join('');
		const callback = done.length === 0 ? undefined : (error?: Error | null) => done.map((each) => each(error));
		if (resizing) {
			return terminal.write('', callback);
		}
		if (!active()) {
			return pass(body, callback);
		}
		const { columns, rows } = size();
		// Erased before the frame: Ink takes these rows for what it last put there.
		const before = wrapped(screen.clearStale(regions, rows));
		tracker.read(body, (row) => screen.forget(row));
		const after = wrapped(screen.paint(regions, columns, rows));
		painted = performance.now();
		cancel();
		const text = complete
			? SYNC_BEGIN + before + body.slice(SYNC_BEGIN.length, -SYNC_END.length) + after + SYNC_END
			: before + body + after;
		return terminal.write(text, callback);
	};

	const write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
		const data = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
		const done = (typeof encoding === 'function' ? encoding : callback) as ((error?: Error | null) => void) | undefined;
		if (frame) {
			frame.push(data);
			if (done) {
				frameDone.push(done);
			}
			return data === SYNC_END ? endFrame(true) : true;
		}
		if (data === SYNC_BEGIN) {
			frame = [data];
			// Ink writes a frame without pause; should it fail half-way, nothing is kept back.
			queueMicrotask(() => {
				if (frame) {
					endFrame(false);
				}
			});
			return true;
		}
		const result = pass(data, done);
		if (screen.isDamaged(regions)) {
			schedule('soon');
		}
		return result;
	};

	const redraw = () => {
		resizing = undefined;
		if (active()) {
			pass(HOME + ERASE_BELOW);
			onCleared();
		}
		events.emit('resize');
		schedule('soon');
	};
	const onResize = () => {
		tracker.resize(terminal.rows ?? 24);
		if (!active()) {
			events.emit('resize');
			return;
		}
		// Ink answers a resize before React has laid out the new size: a frame of the old height and width, which may
		// wrap and scroll. Nor do terminals agree on which rows they keep. So the frames of this turn are dropped, and
		// when React is done, Ink is told once more and draws all of its frame on an empty screen.
		// React's scheduler works in the turn after this one, hence two turns.
		resizing ??= setImmediate(() => {
			resizing = setImmediate(redraw);
		});
		events.emit('resize');
	};
	const onDrain = () => {
		events.emit('drain');
		schedule('soon');
	};
	terminal.on('resize', onResize);
	terminal.on('drain', onDrain);

	// What Ink and cli-cursor read of a stream. `Object.defineProperties` keeps the figures live.
	const stdout = Object.defineProperties(events, {
		write: { value: write },
		isTTY: { get: () => terminal.isTTY },
		columns: { get: () => terminal.columns },
		rows: { get: () => terminal.rows },
		writable: { get: () => terminal.writable ?? true },
		writableEnded: { get: () => terminal.writableEnded ?? false },
		destroyed: { get: () => terminal.destroyed ?? false },
	}) as unknown as NodeJS.WriteStream;

	return {
		stdout,
		setRegion: (id, region) => {
			if (region && region.height > 0) {
				regions.set(id, region);
			} else {
				regions.delete(id);
			}
			schedule('soon');
		},
		invalidate: (id, urgency) => {
			if (regions.has(id)) {
				schedule(urgency);
			}
		},
		onCleared: (listener) => {
			onCleared = listener;
		},
		setMouse: (on) => {
			mouse = on;
			if (active()) {
				terminal.write(on ? MOUSE_ON : MOUSE_OFF);
			}
		},
		close: () => {
			closed = true;
			clearImmediate(resizing);
			resizing = undefined;
			cancel();
			terminal.off('resize', onResize);
			terminal.off('drain', onDrain);
		},
	};
};
