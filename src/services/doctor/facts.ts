/** The output of the script on the host, by name; some names appear more than once. */
export interface Facts {
	/** Returns the first of a name; undefined if there is none. */
	one(name: string): string | undefined;
	all(name: string): readonly string[];
}

/** Parses lines of NAME TAB VALUE; other lines are skipped. */
export const factsOf = (output: string): Facts => {
	const facts = new Map<string, string[]>();
	for (const line of output.split('\n')) {
		const tab = line.indexOf('\t');
		if (tab > 0) {
			const name = line.slice(0, tab);
			facts.set(name, [...(facts.get(name) ?? []), line.slice(tab + 1)]);
		}
	}
	return { one: (name) => facts.get(name)?.[0], all: (name) => facts.get(name) ?? [] };
};
