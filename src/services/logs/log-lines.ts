import type { Engine } from '../../engine/engine.ts';
import type { LogOptions } from '../../engine/instance.ts';
import { parseNanos } from '../../engine/time.ts';
import { createLineCutter } from '../host/line-cutter.ts';

export interface LogLine {
	/** The time when Docker received it: RFC 3339 with nanoseconds, UTC, the host's clock. Sorts as text. */
	readonly stamp: string;
	/** Unsanitised, without its line end, cut at 16 kB. */
	readonly text: string;
}

const maxLineBytes = 16_384;
const stampPattern = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/;

/** A container whose log is read. */
export interface LogSource {
	readonly id: string;
	/** See `LogOptions`. */
	readonly tty: boolean | Promise<boolean>;
}

/** A container's log as lines with Docker's times, both streams in the order Docker gives them. */
export async function* logLines(
	engine: Pick<Engine, 'logs'>,
	container: LogSource,
	options: Omit<LogOptions, 'timestamps' | 'tty'> & {
		/** Called with the number of bytes received. */
		readonly onBytes?: (count: number) => void;
	},
): AsyncGenerator<LogLine, void, undefined> {
	const cutters = { stdout: createLineCutter(maxLineBytes), stderr: createLineCutter(maxLineBytes) };
	let last = '';
	const toLine = (raw: string): LogLine => {
		const stamp = stampPattern.exec(raw);
		last = stamp?.[1] ?? last;
		return { stamp: last, text: stamp === null ? raw : raw.slice(stamp[0].length) };
	};
	const { onBytes, ...logOptions } = options;
	for await (const { stream, bytes } of engine.logs(container.id, {
		...logOptions,
		tty: container.tty,
		timestamps: true,
	})) {
		onBytes?.(bytes.length);
		for (const raw of cutters[stream].push(bytes)) {
			yield toLine(raw);
		}
	}
	for (const raw of [cutters.stdout.end(), cutters.stderr.end()]) {
		if (raw !== undefined) {
			yield toLine(raw);
		}
	}
}

/** Returns the `since` that continues after a line. */
export const after = (stamp: string): bigint | undefined => {
	const nanos = parseNanos(stamp);
	return nanos === undefined ? undefined : nanos + 1n;
};

/** Compiles a regular expression for log lines: case is ignored, characters are whole (`iu`). */
export const linePattern = (pattern: string): RegExp => new RegExp(pattern, 'iu');

/** Returns a test for error lines: those that match, unless they match the exception. */
export const errorTest = (pattern: string, except: string | undefined): ((text: string) => boolean) => {
	const wanted = linePattern(pattern);
	const unwanted = except === undefined ? undefined : linePattern(except);
	return (text) => wanted.test(text) && unwanted?.test(text) !== true;
};
