import type { StampedLine } from './stamped-lines.ts';

/**
 * The place where a log continues after its stream was interrupted, so that no line is repeated or missing. Lines of stdout and stderr are
 * not strictly in the order of their times, and several may have the same: so it starts a few lines before the last one, and skips those
 * that were read already, each once.
 */
export interface ResumePoint {
	/** Records a line that was read. */
	note(line: StampedLine): void;
	/** Returns the `since` of the new stream; undefined before the first line. From then on `isKnown` expects the lines from there. */
	resume(): bigint | undefined;
	/** True when a line of the new stream was already read from the old one. */
	isKnown(line: StampedLine): boolean;
	/** True when a known line was found since the last `resume`. If not, the log does not continue where it stopped. */
	readonly met: boolean;
	/** Time of the newest line, ms. */
	readonly newest: number | undefined;
}

const remembered = 512;

const nanosOf = (seconds: number, nanos: number) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

export const createResumePoint = (): ResumePoint => {
	const seconds = new Float64Array(remembered);
	const nanos = new Float64Array(remembered);
	let count = 0;
	let expected: Map<bigint, number> | undefined;
	let last = 0n;
	let met = false;
	let newest: number | undefined;
	return {
		note: (line) => {
			if (line.seconds === undefined) {
				return;
			}
			seconds[count % remembered] = line.seconds;
			nanos[count % remembered] = line.nanos;
			count++;
			newest = Math.max(newest ?? 0, line.seconds * 1000 + line.nanos / 1e6);
		},
		resume: () => {
			expected = undefined;
			met = false;
			last = 0n;
			let first: bigint | undefined;
			for (let at = Math.max(0, count - remembered); at < count; at++) {
				const stamp = nanosOf(seconds[at % remembered] ?? 0, nanos[at % remembered] ?? 0);
				expected ??= new Map();
				expected.set(stamp, (expected.get(stamp) ?? 0) + 1);
				last = stamp > last ? stamp : last;
				first = first === undefined || stamp < first ? stamp : first;
			}
			return first;
		},
		isKnown: (line) => {
			if (expected === undefined || line.seconds === undefined) {
				return false;
			}
			const stamp = nanosOf(line.seconds, line.nanos);
			const left = expected.get(stamp) ?? 0;
			if (left === 0) {
				// Past the last known line: no more known ones can follow.
				if (stamp > last) {
					expected = undefined;
				}
				return false;
			}
			met = true;
			if (left === 1) {
				expected.delete(stamp);
			} else {
				expected.set(stamp, left - 1);
			}
			if (expected.size === 0) {
				expected = undefined;
			}
			return true;
		},
		get met() {
			return met;
		},
		get newest() {
			return newest;
		},
	};
};
