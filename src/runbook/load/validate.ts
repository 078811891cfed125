import type * as z from 'zod';
import { nearest } from '../did-you-mean.ts';
import type { Problem } from '../problem.ts';
import { offsetInSource } from './offset-in-source.ts';
import {
	isBroken,
	nearestNode,
	nodeAt,
	type Path,
	placeOf,
	plain,
	problemAt,
	type TreeNode,
	valuePlace,
} from './tree.ts';

type Issue = z.core.$ZodIssue;

const expectedLabel: Readonly<Record<string, string>> = {
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	boolean: 'true or false',
	array: 'a list',
	object: 'a mapping',
	record: 'a mapping',
};

const describe = (node: TreeNode): string => {
	if (node.kind !== 'scalar') {
		return node.kind === 'list' ? 'a list' : 'a mapping';
	}
	if (node.value === null) {
		return 'nothing';
	}
	return typeof node.value === 'string'
		? 'a text'
		: `${typeof node.value === 'number' ? 'the number ' : ''}${node.written}`;
};

/** Finds the branch of a union that expects the kind of value (text, mapping…) that is there. */
const fittingBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined => {
	const fitting = branches.filter(
		(issues) =>
			!issues.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')),
	);
	return fitting.length === 1 ? fitting[0] : undefined;
};

const writtenOf = ({ place }: TreeNode): string => place.source.text.slice(place.start, place.end);

const isMissing = (root: TreeNode, path: Path): boolean => path.length > 0 && nodeAt(root, path) === undefined;

const report = (root: TreeNode, issue: Issue, base: Path): Problem[] => {
	const path = [...base, ...issue.path];
	const node = nearestNode(root, path);
	if (isMissing(root, path)) {
		const accepted = issue.code === 'invalid_union' ? `; ${issue.message}` : '';
		return [problemAt(placeOf(node), `"${String(path.at(-1))}" is missing${accepted}`)];
	}
	if (isBroken(node)) {
		return [];
	}
	const at = (message: string) => [problemAt(valuePlace(node), message)];
	switch (issue.code) {
		case 'unrecognized_keys': {
			const messages = issue.message.split('\n');
			return issue.keys.map((key, index) => {
				const unknown = nodeAt(root, [...path, key]);
				return problemAt(placeOf(unknown ?? node), messages[index] ?? `unknown key "${key}"`);
			});
		}
		case 'invalid_key':
			return [problemAt(placeOf(node), issue.issues[0]?.message ?? issue.message)];
		case 'invalid_type':
			return issue.message.startsWith('Invalid input')
				? at(`expected ${expectedLabel[issue.expected] ?? issue.expected}, got ${describe(node)}`)
				: at(issue.message);
		case 'invalid_value': {
			const accepted = issue.values.map(String);
			if (node.kind !== 'scalar') {
				return at(`expected one of: ${accepted.join(', ')}`);
			}
			const near = nearest(node.written, accepted);
			return at(`"${node.written}" is not one of: ${accepted.join(', ')}${near ? `; did you mean "${near}"?` : ''}`);
		}
		case 'invalid_union': {
			if (issue.errors.length === 0) {
				const kind = node.kind === 'scalar' ? `unknown kind "${node.written}"; ` : '';
				return at(kind + issue.message);
			}
			const branch = fittingBranch(issue.errors);
			return branch ? branch.flatMap((inner) => report(root, inner, path)) : at(issue.message);
		}
		case 'custom': {
			const within: unknown = issue.params?.at;
			return typeof within === 'number' && node.kind === 'scalar' && typeof node.value === 'string'
				? [problemAt(node.place, issue.message, offsetInSource(writtenOf(node), node.value, within))]
				: at(issue.message);
		}
		default:
			return at(issue.message);
	}
};

/** Checks a tree against a schema. Returns the value with defaults set, or undefined when there were problems. */
export const validate = <Schema extends z.ZodType>(
	schema: Schema,
	root: TreeNode,
	problems: Problem[],
): z.output<Schema> | undefined => {
	// Each schema is used once or twice, so compiling it would take longer than it saves.
	const result = schema.safeParse(plain(root), { jitless: true });
	if (result.success) {
		return result.data;
	}
	problems.push(...result.error.issues.flatMap((issue) => report(root, issue, [])));
	return undefined;
};
