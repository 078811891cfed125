import { didYouMean } from '../did-you-mean.ts';
import { child, type TreeNode, textOf } from './tree.ts';

/** Reports a problem at a node. */
export type Report = (node: TreeNode, message: string) => void;

/** Reports a text that names none of `known`. */
export const mustName = (
	node: TreeNode | undefined,
	what: string,
	known: ReadonlySet<string>,
	report: Report,
): void => {
	const name = textOf(node);
	if (node !== undefined && name !== undefined && !known.has(name)) {
		report(node, `unknown ${what} "${name}"${didYouMean(name, known, `known ${what}s`)}`);
	}
};

/** Reports an element that does not have exactly one of some keys. The schema reports unknown keys. */
export const exactlyOne = (
	node: TreeNode,
	what: string,
	kinds: readonly string[],
	other: readonly string[],
	report: Report,
): void => {
	if (node.kind !== 'map') {
		return;
	}
	const present = kinds.filter((kind) => node.entries.has(kind));
	const hasUnknown = [...node.entries.keys()].some((key) => !kinds.includes(key) && !other.includes(key));
	const second = present[1] === undefined ? undefined : node.entries.get(present[1]);
	if (second !== undefined) {
		report(second, `a ${what} has only one of: ${kinds.join(', ')}; here are ${present.join(' and ')}`);
	} else if (present.length === 0 && !hasUnknown) {
		report(node, `a ${what} has one of: ${kinds.join(', ')}`);
	}
};

/** Functions with which kinds of steps and checks check their entries. */
export const tools = { child, exactlyOne, mustName };
export type Tools = typeof tools;
