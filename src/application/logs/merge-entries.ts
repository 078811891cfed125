import type { LogEntry } from '../../stores/log-page.ts';

const byTime = (a: LogEntry, b: LogEntry) => a.time - b.time;

/** Merges the lines of several logs by Docker's times; lines of the same time stay in the given order. */
export const mergeEntries = (logs: readonly (readonly LogEntry[])[]): readonly LogEntry[] => {
	const filled = logs.filter(({ length }) => length > 0);
	return filled.length < 2 ? (filled[0] ?? []) : filled.flat().sort(byTime);
};

/** Merges logs that are read to their end, by Docker's times; of each, only the last read is in memory. */
export async function* mergeStreams(
	logs: readonly AsyncGenerator<readonly LogEntry[], void, undefined>[],
): AsyncGenerator<LogEntry, void, undefined> {
	const heads: { log: (typeof logs)[number]; entries: readonly LogEntry[]; at: number }[] = [];
	const refill = async (head: (typeof heads)[number]): Promise<boolean> => {
		while (head.at >= head.entries.length) {
			const { done, value } = await head.log.next();
			if (done === true) {
				return false;
			}
			Object.assign(head, { entries: value, at: 0 });
		}
		return true;
	};
	for (const head of logs.map((log) => ({ log, entries: [], at: 0 }))) {
		if (await refill(head)) {
			heads.push(head);
		}
	}
	while (heads.length > 0) {
		let least = 0;
		for (let at = 1; at < heads.length; at++) {
			if (
				(heads[at]?.entries[heads[at]?.at ?? 0]?.time ?? 0) < (heads[least]?.entries[heads[least]?.at ?? 0]?.time ?? 0)
			) {
				least = at;
			}
		}
		const head = heads[least];
		const entry = head?.entries[head.at];
		if (head === undefined || entry === undefined) {
			return;
		}
		yield entry;
		head.at++;
		if (head.at >= head.entries.length && !(await refill(head))) {
			heads.splice(least, 1);
		}
	}
}

/** Sorts live lines of several logs: each waits a moment for older ones that arrive later. */
export interface LiveMerger {
	push(entries: readonly LogEntry[]): void;
	close(): void;
}

export const createLiveMerger = (
	emit: (entries: readonly LogEntry[]) => void,
	/** Waiting time of a line, ms; 0 when no line can be late. */
	holdMs: () => number,
): LiveMerger => {
	let held: { readonly at: number; readonly entries: readonly LogEntry[] }[] = [];
	let timer: ReturnType<typeof setTimeout> | undefined;
	const flush = () => {
		timer = undefined;
		const due = performance.now() - holdMs();
		let limit = Number.NEGATIVE_INFINITY;
		for (const { at, entries } of held) {
			if (at <= due) {
				limit = entries.reduce((most, { time }) => Math.max(most, time), limit);
			}
		}
		const ready = mergeEntries(held.map(({ entries }) => entries.filter(({ time }) => time <= limit)));
		held = held.flatMap(({ at, entries }) => {
			const left = entries.filter(({ time }) => time > limit);
			return left.length === 0 ? [] : [{ at, entries: left }];
		});
		if (held.length > 0) {
			timer = setTimeout(flush, Math.max(50, holdMs() / 2));
		}
		emit(ready);
	};
	return {
		push: (entries) => {
			if (entries.length === 0) {
				return;
			}
			if (holdMs() === 0 && held.length === 0) {
				emit(entries);
				return;
			}
			held.push({ at: performance.now(), entries });
			timer ??= setTimeout(flush, holdMs());
		},
		close: () => {
			clearTimeout(timer);
			timer = undefined;
			held = [];
		},
	};
};
