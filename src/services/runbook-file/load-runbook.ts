import { ConfigError } from '../../runbook/config-error.ts';
import { didYouMean } from '../../runbook/did-you-mean.ts';
import { merge } from '../../runbook/load/merge.ts';
import { parseYaml } from '../../runbook/load/parse.ts';
import { substitute } from '../../runbook/load/substitute.ts';
import {
	child,
	entriesOf,
	type MapNode,
	placeOf,
	problemAt,
	type TreeNode,
	textOf,
	valuePlace,
} from '../../runbook/load/tree.ts';
import { validate } from '../../runbook/load/validate.ts';
import type { Problem } from '../../runbook/problem.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import { buildRunbook } from './build.ts';
import { checkReferences, isDisabled } from './references.ts';
import { runbookSchema } from './schema/runbook.ts';

export interface RunbookText {
	readonly text: string;
	/** The file's name for error messages, and for the `from` of the runbooks it extends. */
	readonly file: string;
}

/**
 * Returns a runbook's text by the name that a file uses for it: a built-in one (a plain word), or a path relative to the file `from`.
 * `problem` says why there is none.
 */
export type ReadRunbook = (name: string, from: string) => RunbookText | { readonly problem: string } | undefined;

export interface RunbookOptions {
	readonly readRunbook: ReadRunbook;
	/** Values of `${directory}` and `${project}` in the texts of the runbook. */
	readonly target?: { readonly directory: string; readonly project: string };
	/** Files that were read, with what they extend: targets that share a runbook read it, and report its problems, once. */
	readonly trees?: Map<string, MapNode | undefined>;
}

/** Used when a runbook is checked without a target, by `backout check FILE`. */
const noTarget = { directory: '/srv/project', project: 'project' };

const maxAncestors = 16;

/** Reads the runbook that a node names; a problem is reported at that node. */
export const readReferred = (
	node: TreeNode,
	name: string,
	from: string,
	readRunbook: ReadRunbook,
	problems: Problem[],
): RunbookText | undefined => {
	const found = readRunbook(name, from);
	if (found !== undefined && 'text' in found) {
		return found;
	}
	const why = found === undefined ? '' : `: ${found.problem}`;
	problems.push(problemAt(valuePlace(node), `cannot read the runbook "${name}"${why}`));
	return undefined;
};

/** Reports a child's removal of something that does not exist. */
const checkRemoved = (parent: TreeNode, root: TreeNode, problems: Problem[]): void => {
	const inherited = new Set(entriesOf(child(parent, 'procedures')).map(([id]) => id));
	for (const [id, procedure] of entriesOf(child(root, 'procedures'))) {
		if (isDisabled(procedure) && procedure.kind === 'map' && procedure.entries.size === 1 && !inherited.has(id)) {
			problems.push(
				problemAt(placeOf(procedure), `unknown procedure "${id}"${didYouMean(id, inherited, 'inherited ones')}`),
			);
		}
	}
};

/** Reads a file with everything it extends; undefined when one of them cannot be read at all. */
const readTree = (
	{ text, file }: RunbookText,
	readRunbook: ReadRunbook,
	descendants: readonly string[],
	problems: Problem[],
): MapNode | undefined => {
	const root = parseYaml(text, file, problems);
	if (root === undefined) {
		return undefined;
	}
	if (root.kind !== 'map') {
		problems.push(problemAt(root.place, 'expected a runbook: a mapping with title, checks, procedures…'));
		return undefined;
	}
	const extendsNode = child(root, 'extends');
	const name = textOf(extendsNode);
	if (extendsNode === undefined || name === undefined || name === '') {
		return root;
	}
	const found = readReferred(extendsNode, name, file, readRunbook, problems);
	if (found === undefined) {
		return undefined;
	}
	const chain = [...descendants, file];
	if (chain.includes(found.file) || chain.length >= maxAncestors) {
		problems.push(
			problemAt(extendsNode.place, `extends goes round in a circle: ${[...chain, found.file].join(' -> ')}`),
		);
		return undefined;
	}
	const parent = readTree(found, readRunbook, chain, problems);
	if (parent === undefined) {
		return undefined;
	}
	checkRemoved(parent, root, problems);
	return merge(parent, root) as MapNode;
};

/** Applies a target's variables. Each must be one of the runbook's: any other is a typing error. */
const override = (root: MapNode, overrides: TreeNode | undefined, problems: Problem[]): MapNode => {
	const known = new Set(entriesOf(child(root, 'variables')).map(([name]) => name));
	for (const [name, node] of entriesOf(overrides)) {
		if (!known.has(name)) {
			problems.push(
				problemAt(placeOf(node), `the runbook has no variable "${name}"${didYouMean(name, known, 'its variables')}`),
			);
		}
	}
	if (overrides?.kind !== 'map') {
		return root;
	}
	const layer: MapNode = { kind: 'map', place: root.place, entries: new Map([['variables', overrides]]) };
	return { ...(merge(root, layer) as MapNode), place: root.place };
};

/** Loads a runbook with a target's variables over its own. Problems are collected; undefined when there were any. */
export const loadTree = (
	source: RunbookText,
	options: RunbookOptions,
	overrides: TreeNode | undefined,
	problems: Problem[],
): Runbook | undefined => {
	const before = problems.length;
	const { trees = new Map<string, MapNode | undefined>() } = options;
	if (!trees.has(source.file)) {
		trees.set(source.file, readTree(source, options.readRunbook, [], problems));
	}
	const merged = trees.get(source.file);
	if (merged === undefined) {
		return undefined;
	}
	const filled = substitute(override(merged, overrides, problems), options.target ?? noTarget, problems);
	// Mistakes in the rest of a removed procedure do not matter.
	const procedures = filled.entries.get('procedures');
	const kept = new Map(
		entriesOf(procedures).map(([id, procedure]): [string, TreeNode] =>
			isDisabled(procedure) ? [id, removed(procedure)] : [id, procedure],
		),
	);
	const root: MapNode =
		procedures?.kind === 'map'
			? { ...filled, entries: new Map(filled.entries).set('procedures', { ...procedures, entries: kept }) }
			: filled;
	checkReferences(root, problems);
	const value = validate(runbookSchema, root, problems);
	return value === undefined || problems.length > before ? undefined : buildRunbook(value);
};

/** Returns a removed procedure that passes the schema, whatever it lacks. */
const removed = (node: TreeNode): TreeNode => {
	const text = (value: string): TreeNode => ({ kind: 'scalar', place: node.place, value, written: value });
	const defaults = new Map([
		['title', text('removed')],
		['risk', text('read-only')],
	]);
	return node.kind === 'map' ? { ...node, entries: new Map([...defaults, ...node.entries]) } : node;
};

/**
 * Loads a runbook: reads what it extends, fills in its variables, checks all of it. Throws a ConfigError with every problem of the files.
 */
export const loadRunbook = (text: string, file: string, options: RunbookOptions): Runbook => {
	const problems: Problem[] = [];
	const runbook = loadTree({ text, file }, options, undefined, problems);
	if (runbook === undefined || problems.length > 0) {
		throw new ConfigError(problems);
	}
	return runbook;
};
