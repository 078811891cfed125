import type { Problem } from '../config-error.ts';
import { hint } from '../nearest.ts';
import { type MapNode, problemAt, type ScalarNode, type TreeNode, valuePlace } from './tree.ts';

/** Keys whose texts are shell scripts: they get variables from the environment and are left as they are. */
const scriptKeys: ReadonlySet<string> = new Set(['run', 'until', 'choices', 'resolve']);

/** `$${` stands for `${`; otherwise `${` up to the brace is a variable. */
const reference = /\$(\$\{)|\$\{([^}]*)\}?/g;

type Lookup = (name: string, at: ScalarNode) => string | undefined;

const fill = (node: ScalarNode, text: string, lookup: Lookup): string =>
	text.replace(reference, (whole, escaped: string | undefined, name: string | undefined) =>
		escaped !== undefined ? '${' : (lookup(name ?? '', node) ?? whole),
	);

/** What a scalar says as a text: strings as they are, the rest as written in the file. */
const asText = (node: ScalarNode): string => {
	if (typeof node.value === 'string') {
		return node.value;
	}
	return node.value === null ? '' : node.written;
};

/**
 * Fills `${name}` in every text of a runbook that is not a script, and gives the variables' final values, as texts.
 * Variables may refer to each other. `given` are names that are set from outside and can be used, too.
 */
export const substitute = (root: MapNode, given: Readonly<Record<string, string>>, problems: Problem[]): MapNode => {
	const raw = new Map<string, ScalarNode>();
	const declared = root.entries.get('variables');
	for (const [name, node] of declared?.kind === 'map' ? declared.entries : []) {
		if (node.kind === 'scalar') {
			raw.set(name, node);
		}
	}
	const values = new Map(Object.entries(given));
	const report = (node: ScalarNode, name: string, message: string) => {
		const written = node.place.source.text.slice(node.place.start, node.place.end);
		const within = Math.max(0, written.indexOf(`\${${name}`));
		problems.push(problemAt(node.place, message, within));
	};
	const resolving: string[] = [];
	const lookup: Lookup = (name, at) => {
		const known = values.get(name);
		if (known !== undefined) {
			return known;
		}
		const node = raw.get(name);
		if (node === undefined) {
			const names = [...new Set([...raw.keys(), ...Object.keys(given)])];
			const what = /^[A-Za-z_]\w*$/.test(name) ? `unknown variable "${name}"` : `not a variable: \${${name}`;
			report(at, name, what + hint(name, names, 'known variables'));
			return undefined;
		}
		if (resolving.includes(name)) {
			report(at, name, `variable "${name}" refers to itself: ${[...resolving, name].join(' -> ')}`);
			return undefined;
		}
		resolving.push(name);
		const value = fill(node, asText(node), lookup);
		resolving.pop();
		values.set(name, value);
		return value;
	};

	const checkText = (node: ScalarNode) => {
		if (typeof node.value === 'string' && node.value.includes('\0')) {
			// Neither an environment variable nor a script can hold one.
			problems.push(problemAt(valuePlace(node), 'a text must not contain a NUL character'));
		}
	};

	const walk = (node: TreeNode, isScript: boolean): TreeNode => {
		if (node.kind === 'list') {
			return { ...node, items: node.items.map((item) => walk(item, false)) };
		}
		if (node.kind === 'map') {
			const entries = [...node.entries].map(([key, value]): [string, TreeNode] => [
				key,
				walk(value, value.kind === 'scalar' && scriptKeys.has(key)),
			]);
			return { ...node, entries: new Map(entries) };
		}
		if (typeof node.value !== 'string') {
			return node;
		}
		checkText(node);
		return isScript ? node : { ...node, value: fill(node, node.value, lookup) };
	};

	const variable = (name: string, node: TreeNode): TreeNode => {
		if (node.kind !== 'scalar') {
			return node;
		}
		checkText(node);
		return { ...node, value: lookup(name, node) ?? '' };
	};
	const mapped = (node: TreeNode, change: (name: string, value: TreeNode) => TreeNode): TreeNode =>
		node.kind === 'map'
			? { ...node, entries: new Map([...node.entries].map(([name, value]) => [name, change(name, value)])) }
			: node;

	const sections = mapped(root, (key, value) => {
		switch (key) {
			case 'variables':
				return mapped(value, variable);
			case 'scripts':
				return mapped(value, (_, script) => walk(script, script.kind === 'scalar'));
			default:
				return walk(value, false);
		}
	});
	return sections as MapNode;
};
