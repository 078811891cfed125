import type { StampedLine } from './stamped-lines.ts';

/**
 * Where to read on in a log after its stream was broken off, so that no line comes twice and none is left out. Lines of
 * stdout and stderr are not strictly in the order of their times, and several may have the same: so it begins a few lines
 * before the last one, and those that were read already are passed over, each once.
 */
export interface ResumePoint {
	/** Notes a line that was taken. */
	note(line: StampedLine): void;
	/** For `since`; undefined before the first line. From then on `isKnown` expects the lines from there. */
	resume(): bigint | undefined;
	/** Whether a line of the new stream was taken from the old one. */
	isKnown(line: StampedLine): boolean;
	/** Since the last `resume`: whether a line was found again. If none was, the log does not go on where it was left. */
	readonly met: boolean;
	/** ms; the time of the newest line. */
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
				// Beyond what was read: nothing more will be found again.
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
