import { nowNanos } from './stamp.ts';

export interface LogEntry {
	readonly nanos: bigint;
	readonly stream: 'stdout' | 'stderr';
	/** Without a line end. */
	readonly text: string;
}

export interface LogQuery {
	readonly since?: bigint;
	readonly until?: bigint;
	readonly tail?: number;
}

/** A container's log: its newest lines, and its listeners. */
export interface ContainerLog {
	write(text: string, stream?: LogEntry['stream'], nanos?: bigint): void;
	read(query: LogQuery): readonly LogEntry[];
	listen(listener: (entry: LogEntry) => void): () => void;
	/** Moves the times of all entries back. */
	backdate(byNanos: bigint): void;
}

const most = 20_000;

export const createLog = (): ContainerLog => {
	let entries: LogEntry[] = [];
	const listeners = new Set<(entry: LogEntry) => void>();
	return {
		write: (text, stream = 'stdout', nanos = nowNanos()) => {
			for (const line of text.split('\n')) {
				const entry = { nanos, stream, text: line };
				entries.push(entry);
				for (const listener of listeners) {
					listener(entry);
				}
			}
			if (entries.length > most) {
				entries = entries.slice(-most / 2);
			}
		},
		read: ({ since = 0n, until, tail }) => {
			// Docker takes the newest lines first, and then those of them within the period.
			const newest = tail === undefined ? entries : tail === 0 ? [] : entries.slice(-tail);
			return newest.filter(({ nanos }) => nanos >= since && (until === undefined || nanos <= until));
		},
		listen: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		backdate: (byNanos) => {
			entries = entries.map((entry) => ({ ...entry, nanos: entry.nanos - byNanos }));
		},
	};
};
