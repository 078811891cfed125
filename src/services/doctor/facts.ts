/** What the script on the host printed, by name; some names come more than once. */
export interface Facts {
	/** The first of a name; undefined where there is none. */
	one(name: string): string | undefined;
	all(name: string): readonly string[];
}

/** Reads lines of NAME TAB VALUE; other lines are passed over. */
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
