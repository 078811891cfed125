import { entriesOf, type TreeNode, textOf } from './tree.ts';

/** An element of another kind replaces the old one: none of the old keys can be meant. */
const changesKind = (parent: TreeNode, child: TreeNode): boolean => {
	const kindOf = (node: TreeNode) => textOf(node.kind === 'map' ? node.entries.get('kind') : undefined);
	const kind = kindOf(child);
	return kind !== undefined && kindOf(parent) !== undefined && kind !== kindOf(parent);
};

/** Lays one tree over another: mappings key by key, in the parent's order; lists and scalars are replaced. */
export const merge = (parent: TreeNode, child: TreeNode): TreeNode => {
	if (parent.kind !== 'map' || child.kind !== 'map' || changesKind(parent, child)) {
		return child;
	}
	const entries = new Map(parent.entries);
	for (const [key, value] of entriesOf(child)) {
		const inherited = entries.get(key);
		entries.set(key, inherited === undefined ? value : merge(inherited, value));
	}
	return { ...child, entries };
};
