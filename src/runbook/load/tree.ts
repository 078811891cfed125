import type { LineCounter } from 'yaml';
import type { Problem } from '../problem.ts';

/** A text that was read, with a function that turns an offset into a line. */
export interface Source {
	readonly file: string;
	readonly text: string;
	readonly lines: LineCounter;
}

/** A range of a source, offsets in UTF-16 units, the end excluded. */
export interface SourcePosition {
	readonly source: Source;
	readonly start: number;
	readonly end: number;
}

interface Located {
	/** Position of the value. */
	readonly place: SourcePosition;
	/** Position of its key, for a value of a mapping. */
	readonly key?: SourcePosition;
}

export interface ScalarNode extends Located {
	readonly kind: 'scalar';
	readonly value: string | number | boolean | null;
	/** Text in the file, so that `08080` and `1.10` keep their meaning. */
	readonly written: string;
	/** A mistake in it was reported already, so consequences are not reported. */
	readonly broken?: boolean;
}

export interface MapNode extends Located {
	readonly kind: 'map';
	readonly entries: ReadonlyMap<string, TreeNode>;
}

export interface ListNode extends Located {
	readonly kind: 'list';
	readonly items: readonly TreeNode[];
}

/** A YAML value with its position in its file, also after values of several files were merged. */
export type TreeNode = ScalarNode | MapNode | ListNode;

export type Path = readonly PropertyKey[];

/** Returns a problem at the beginning of a position, or `within` characters after it. */
export const problemAt = (place: SourcePosition, message: string, within = 0): Problem => {
	const { line, col } = place.source.lines.linePos(place.start + within);
	// Editors do not count a byte order mark as a character.
	const column = line <= 1 && place.source.text.startsWith('\ufeff') ? col - 1 : col;
	return { file: place.source.file, line: Math.max(line, 1), column: Math.max(column, 1), message };
};

/** Returns the position to report for a whole node: its key, if it has one. */
export const placeOf = (node: TreeNode): SourcePosition => node.key ?? node.place;

/** Returns the position to report for a wrong value: the value, or its key if the value is empty. */
export const valuePlace = (node: TreeNode): SourcePosition =>
	node.kind === 'scalar' && node.value === null ? placeOf(node) : node.place;

export const child = (node: TreeNode | undefined, key: PropertyKey): TreeNode | undefined => {
	if (node?.kind === 'map') {
		return node.entries.get(String(key));
	}
	return node?.kind === 'list' ? node.items[Number(key)] : undefined;
};

export const nodeAt = (node: TreeNode | undefined, path: Path): TreeNode | undefined => path.reduce(child, node);

/** Returns the last existing node on the way to a path. */
export const nearestNode = (root: TreeNode, path: Path): TreeNode => {
	let node = root;
	for (const key of path) {
		const next = child(node, key);
		if (next === undefined) {
			break;
		}
		node = next;
	}
	return node;
};

/** Returns the entries of a mapping; none for anything else. */
export const entriesOf = (node: TreeNode | undefined): [string, TreeNode][] =>
	node?.kind === 'map' ? [...node.entries] : [];

/** Returns the items of a list; none for anything else. */
export const itemsOf = (node: TreeNode | undefined): readonly TreeNode[] => (node?.kind === 'list' ? node.items : []);

/** True for a value that cannot be judged, because a mistake in it was reported. */
export const isBroken = (node: TreeNode | undefined): boolean => node?.kind === 'scalar' && node.broken === true;

/** Returns the text of a scalar; undefined for anything else. */
export const textOf = (node: TreeNode | undefined): string | undefined =>
	node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;

/** Returns the value without its positions. Own properties only: a key `__proto__` cannot come in (see parse.ts). */
export const plain = (node: TreeNode): unknown => {
	switch (node.kind) {
		case 'scalar':
			return node.value;
		case 'list':
			return node.items.map(plain);
		case 'map':
			return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
	}
};
