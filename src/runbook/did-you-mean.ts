/** Counts the edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
const distance = (a: string, b: string): number => {
	let before: number[] = [];
	let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			let best = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
				best = Math.min(best, (before[j - 2] ?? 0) + 1);
			}
			row.push(best);
		}
		before = previous;
		previous = row;
	}
	return previous[b.length] ?? 0;
};

/** Returns the known word that was most likely meant; undefined when none is close. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
	// A longer word is not a typing slip; the limit also bounds the work on hostile input.
	if (word.length > 64) {
		return undefined;
	}
	let best: string | undefined;
	let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
	for (const candidate of known) {
		const edits = distance(word.toLowerCase(), candidate.toLowerCase());
		if (edits < bestDistance) {
			best = candidate;
			bestDistance = edits;
		}
	}
	return best;
};

/** Returns the end of an error message about an unknown word: the likely one, or all that are accepted. */
export const didYouMean = (word: string, known: Iterable<string>, all = 'accepted'): string => {
	const words = [...known];
	const near = nearest(word, words);
	if (near !== undefined) {
		return `; did you mean "${near}"?`;
	}
	return words.length === 0 ? '; there are none' : `; ${all}: ${words.join(', ')}`;
};
