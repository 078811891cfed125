/** A mouse event, in cells of the screen, 0 at the top left. */
export interface MouseEvent {
	readonly kind: 'click' | 'up' | 'down';
	readonly x: number;
	readonly y: number;
}

/** Turns on reports of presses and the wheel, in the form without a limit to the columns (xterm's ctlseqs: 1000, 1006). */
export const MOUSE_ON = '\u001b[?1000h\u001b[?1006h';
export const MOUSE_OFF = '\u001b[?1006l\u001b[?1000l';

const report = /(?:\u001b\[|^\[?)<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/g;
/** The beginning of a report at the end of a piece; the rest comes with the next one. */
const begun = /\u001b\[<[\d;]*$/;

// A press of the left button, or a turn of the wheel, without a modifier; all others are ignored.
const kinds: Readonly<Record<string, MouseEvent['kind']>> = { '0': 'click', '64': 'up', '65': 'down' };

/**
 * Removes the mouse's reports from typed input, wherever the pieces are cut. If a connection is so slow that the first bytes of a report
 * arrived alone, they were taken for Esc; the rest is still recognised, and never typed.
 */
export const createMouseFilter = (onMouse: (event: MouseEvent) => void): ((piece: string) => string) => {
	let held = '';
	let cut = false;
	return (piece) => {
		const text = held + piece;
		held = begun.exec(text)?.[0] ?? '';
		const whole = held === '' ? text : text.slice(0, -held.length);
		const keys = whole.replace(report, (found, button: string, x: string, y: string, end: string, at: number) => {
			if (!found.startsWith('\u001b') && !(cut && at === 0)) {
				return found;
			}
			const kind = kinds[button];
			if (kind !== undefined && end === 'M') {
				onMouse({ kind, x: Number(x) - 1, y: Number(y) - 1 });
			}
			return '';
		});
		cut = /\u001b\[?$/.test(whole);
		return keys;
	};
};

/** Returns the keyboard's input without the mouse's reports in it. */
export const withoutMouse = (input: NodeJS.ReadStream, onMouse: (event: MouseEvent) => void): NodeJS.ReadStream => {
	const filter = createMouseFilter(onMouse);
	const read = () => {
		for (;;) {
			const piece: unknown = input.read();
			if (piece === null) {
				return null;
			}
			const keys = filter(String(piece));
			if (keys !== '') {
				return keys;
			}
		}
	};
	return new Proxy(input, {
		get: (stream, key) => {
			if (key === 'read') {
				return read;
			}
			const value: unknown = Reflect.get(stream, key, stream);
			return typeof value === 'function' ? value.bind(stream) : value;
		},
		set: (stream, key, value) => Reflect.set(stream, key, value, stream),
	});
};
