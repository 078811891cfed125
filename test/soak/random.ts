/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
	/** At least 0, less than 1. */
	next(): number;
	/** An integer, both ends included. */
	between(from: number, to: number): number;
	one<T>(of: readonly T[]): T;
	chance(probability: number): boolean;
}

export const createRandom = (seed: number): Random => {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
	return {
		next,
		between,
		one: (of) => {
			const found = of[between(0, of.length - 1)];
			if (found === undefined) {
				throw new Error('nothing to choose from');
			}
			return found;
		},
		chance: (probability) => next() < probability,
	};
};
