import { parseSelector, type Selector } from '../metrics/selector.ts';

/** Number of series that are shown when the runbook names none. */
const shownAtMost = 6;

export interface ChosenSeries {
	readonly selector: Selector;
	readonly name: string;
	readonly title: string;
	readonly unit?: string;
	readonly rate: boolean;
}

/**
 * Returns the first gauges of a page that have a sample without labels and a name with this prefix, as series to show; their titles are the
 * names without the prefix.
 *
 * @param page an exposition in the text format of Prometheus
 */
export const firstGauges = (page: string, prefix: string): readonly ChosenSeries[] => {
	const gauges = new Set<string>();
	for (const [, name = ''] of page.matchAll(/^# TYPE ([A-Za-z_:][\w:]*) gauge\s*$/gm)) {
		if (name.startsWith(prefix)) {
			gauges.add(name);
		}
	}
	const found: string[] = [];
	for (const [, name = ''] of page.matchAll(/^([A-Za-z_:][\w:]*)\s/gm)) {
		if (gauges.has(name) && !found.includes(name) && found.length < shownAtMost) {
			found.push(name);
		}
	}
	return found.map((name) => ({
		selector: parseSelector(name),
		name,
		title: name.slice(prefix.length) || name,
		rate: false,
	}));
};
