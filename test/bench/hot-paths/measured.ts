/** What one turn of a hot path costs, and how many bytes it leaves to the garbage collector. */
export interface HotPath {
	/** Processor time of one, ms, in ten batches. */
	readonly ms: readonly number[];
	/** Bytes allocated by one, in ten batches. */
	readonly bytes: readonly number[];
}

const batches = 10;

/**
 * Measures `turn`, which is called with a number that it has not had. Needs `--expose-gc` and a young generation that is not collected
 * within a batch (`--min-semi-space-size`): what is allocated is then what the heap has grown by.
 */
export const measureHotPath = async (
	times: number,
	turn: (number: number) => Promise<void> | void,
): Promise<HotPath> => {
	let number = 0;
	const batch = async () => {
		globalThis.gc?.();
		const [heap, used] = [process.memoryUsage(), process.cpuUsage()];
		for (let left = times; left > 0; left--) {
			await turn(number++);
		}
		const { user, system } = process.cpuUsage(used);
		const now = process.memoryUsage();
		const grown = now.heapUsed - heap.heapUsed + now.arrayBuffers - heap.arrayBuffers;
		return { ms: (user + system) / 1000 / times, bytes: grown / times };
	};
	// Compiled by then.
	for (let left = 3; left > 0; left--) {
		await batch();
	}
	const all: Awaited<ReturnType<typeof batch>>[] = [];
	for (let left = batches; left > 0; left--) {
		all.push(await batch());
	}
	return { ms: all.map(({ ms }) => ms), bytes: all.map(({ bytes }) => bytes) };
};
