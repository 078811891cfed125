import { ConfigError } from '../../src/runbook/config-error.ts';
import { loadRunbook, type ReadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

/** Marks in a test's text where an error must point to. */
const mark = '▶';

export interface Marked {
	/** The text without its marks. */
	readonly text: string;
	/** `line:column` of each mark, in reading order. */
	readonly places: readonly string[];
}

export const marked = (source: string): Marked => {
	const places: string[] = [];
	const lines = source.split('\n').map((line, index) => {
		let rest = line;
		for (let at = rest.indexOf(mark); at >= 0; at = rest.indexOf(mark)) {
			places.push(`${index + 1}:${at + 1}`);
			rest = rest.slice(0, at) + rest.slice(at + 1);
		}
		return rest;
	});
	return { text: lines.join('\n'), places };
};

/** Gives the other files of a test, by the names they are referred to. */
export const filesOf =
	(texts: Readonly<Record<string, string>>): ReadRunbook =>
	(name) =>
		Object.hasOwn(texts, name)
			? { text: texts[name] ?? '', file: `${name}.yaml` }
			: { problem: 'there is no such file' };

/** The lines of the ConfigError that a call must end with. */
export const problemsOf = (call: () => unknown): string[] => {
	try {
		call();
	} catch (error) {
		if (error instanceof ConfigError) {
			return error.message.split('\n');
		}
		throw error;
	}
	throw new Error('no error was thrown');
};

/** A runbook with mistakes: `▶` stands where an error must point to; the messages follow in that order. */
export type RunbookMistake = readonly [name: string, text: string, ...messages: string[]];

/** The errors of a runbook's text with marks, and those that it must give. */
export const errorsAndWanted = (source: string, messages: readonly string[]) => {
	const { text, places } = marked(source);
	return {
		errors: problemsOf(() => loadRunbook(text, 'dir/r.yaml', { readRunbook: filesOf({}) })),
		wanted: messages.map((message, index) => `dir/r.yaml:${places[index]}: ${message}`),
	};
};
