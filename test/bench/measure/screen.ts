import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { keyBytes } from '../../helpers/keys.ts';

export interface ScreenOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program in a pty, looked at from the outside. Times are ms since it was started, of when bytes arrived, not of when they were drawn. */
export interface Screen {
	readonly pid: number;
	/** Bytes written so far, and pictures: a synchronized update, or a piece of output outside of one. */
	readonly bytes: number;
	readonly pictures: number;
	readonly firstByteAt: number | undefined;
	rows(): readonly string[];
	/** Resolves with the time of the first picture of which `holds` is true; undefined when none comes in time. */
	until(holds: (rows: readonly string[]) => boolean, timeoutMs?: number): Promise<number | undefined>;
	/** Calls `look` after each picture, until the function it gives is called. */
	watch(look: (at: number) => void): () => void;
	/** Sends a key, and gives the ms until `look` gives something else; undefined when it does not in time. */
	press(key: string, look: (rows: readonly string[]) => string, timeoutMs?: number): Promise<number | undefined>;
	send(...keys: readonly string[]): void;
	now(): number;
	/** The time and the code of its exit. */
	readonly ended: Promise<{ readonly at: number; readonly code: number }>;
	close(): Promise<void>;
}

const graceMs = 3000;

export const openScreen = (command: readonly string[], options: ScreenOptions = {}): Screen => {
	const { columns = 120, rows = 40 } = options;
	const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 });
	const env = { ...process.env, CI: undefined, NO_COLOR: undefined, TERM: 'xterm-256color', ...options.env };
	const startedAt = performance.now();
	const now = () => performance.now() - startedAt;
	const [file = '', ...args] = command;
	const child = spawn(file, [...args], {
		cols: columns,
		rows,
		cwd: options.cwd,
		env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
		encoding: null,
	});
	let bytes = 0;
	let pictures = 0;
	let firstByteAt: number | undefined;
	const watchers = new Set<(at: number) => void>();
	child.onData((data) => {
		const at = now();
		firstByteAt ??= at;
		bytes += data.length;
		terminal.write(data, () => {
			// A half-drawn frame must not be read.
			if (!terminal.modes.synchronizedOutputMode) {
				pictures++;
				for (const watcher of [...watchers]) {
					watcher(at);
				}
			}
		});
	});
	const ended = new Promise<{ at: number; code: number }>((resolve) => {
		child.onExit(({ exitCode }) => {
			const at = now();
			terminal.write('', () => resolve({ at, code: exitCode }));
		});
	});
	const rowsNow = () => {
		const { active } = terminal.buffer;
		return Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
	};
	const watch = (look: (at: number) => void) => {
		watchers.add(look);
		return () => void watchers.delete(look);
	};
	const first = (look: (at: number) => number | undefined, timeoutMs: number): Promise<number | undefined> =>
		new Promise((resolve) => {
			const done = (found: number | undefined) => {
				clearTimeout(timer);
				unwatch();
				resolve(found);
			};
			const timer = setTimeout(() => done(undefined), timeoutMs);
			const unwatch = watch((at) => {
				const found = look(at);
				if (found !== undefined) {
					done(found);
				}
			});
			void ended.then(() => done(undefined));
		});
	return {
		pid: child.pid,
		get bytes() {
			return bytes;
		},
		get pictures() {
			return pictures;
		},
		get firstByteAt() {
			return firstByteAt;
		},
		rows: rowsNow,
		until: (holds, timeoutMs = 30_000) =>
			holds(rowsNow()) ? Promise.resolve(now()) : first((at) => (holds(rowsNow()) ? at : undefined), timeoutMs),
		watch,
		press: (key, look, timeoutMs = 2000) => {
			const before = look(rowsNow());
			const sentAt = now();
			const changed = first((at) => (at >= sentAt && look(rowsNow()) !== before ? at - sentAt : undefined), timeoutMs);
			child.write(keyBytes(key));
			return changed;
		},
		send: (...keys) => {
			for (const key of keys) {
				child.write(keyBytes(key));
			}
		},
		now,
		ended,
		close: async () => {
			child.kill('SIGTERM');
			const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
			await ended;
			clearTimeout(timer);
			terminal.dispose();
		},
	};
};
