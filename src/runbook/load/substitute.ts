import { didYouMean } from '../did-you-mean.ts';
import type { Problem } from '../problem.ts';
import { type MapNode, problemAt, type ScalarNode, type TreeNode, valuePlace } from './tree.ts';

/** Keys whose texts are shell scripts: they receive variables from the environment and stay as they are. */
const scriptKeys: ReadonlySet<string> = new Set(['run', 'until', 'choices', 'resolve']);

/** `$${` stands for `${`; otherwise `${` up to the brace is a variable. */
const reference = /\$(\$\{)|\$\{([^}]*)\}?/g;

/** No text of a runbook is that long, but variables that contain each other twice soon are. */
const maxLength = 65_536;

interface Filled {
	readonly text: string;
	/** True when a part of it could not be filled in. */
	readonly broken: boolean;
}

/** Returns a scalar as text: strings as they are, anything else as written in the file. */
const asText = (node: ScalarNode): string => {
	if (typeof node.value === 'string') {
		return node.value;
	}
	return node.value === null ? '' : node.written;
};

class Variables {
	readonly #given: Readonly<Record<string, string>>;
	readonly #problems: Problem[];
	readonly #declared: ReadonlyMap<string, ScalarNode>;
	readonly #filled: Map<string, Filled>;
	readonly #resolving: string[] = [];

	constructor(declared: TreeNode | undefined, given: Readonly<Record<string, string>>, problems: Problem[]) {
		const entries = declared?.kind === 'map' ? [...declared.entries] : [];
		this.#declared = new Map(
			entries.flatMap(([name, node]): [string, ScalarNode][] => (node.kind === 'scalar' ? [[name, node]] : [])),
		);
		this.#given = given;
		this.#problems = problems;
		this.#filled = new Map(Object.entries(given).map(([name, text]) => [name, { text, broken: false }]));
	}

	/** Returns the value of a variable; mistakes are reported where it is used, `at`. */
	value(name: string, at: ScalarNode): Filled {
		const known = this.#filled.get(name);
		if (known !== undefined) {
			return known;
		}
		const node = this.#declared.get(name);
		if (node === undefined) {
			const names = new Set([...this.#declared.keys(), ...Object.keys(this.#given)]);
			const what = /^[A-Za-z_]\w*$/.test(name) ? `unknown variable "${name}"` : `not a variable: \${${name}`;
			return this.#mistake(at, name, what + didYouMean(name, names, 'known variables'));
		}
		if (this.#resolving.includes(name)) {
			const circle = [...this.#resolving, name].join(' -> ');
			return this.#mistake(at, name, `variable "${name}" refers to itself: ${circle}`);
		}
		this.#resolving.push(name);
		const filled = this.fill(node, asText(node));
		this.#resolving.pop();
		this.#filled.set(name, filled);
		return filled;
	}

	/** Returns a text with its variables filled in. */
	fill(node: ScalarNode, text: string): Filled {
		let out = '';
		let broken = false;
		let end = 0;
		for (const match of text.matchAll(reference)) {
			const [whole, escaped, name = ''] = match;
			const value = escaped === undefined ? this.value(name, node) : { text: '${', broken: false };
			out += text.slice(end, match.index) + value.text;
			broken ||= value.broken;
			end = match.index + whole.length;
			if (out.length > maxLength) {
				return this.#mistake(node, name, 'this becomes too long once its variables are filled in');
			}
		}
		return { text: out + text.slice(end), broken };
	}

	#mistake(node: ScalarNode, name: string, message: string): Filled {
		const written = node.place.source.text.slice(node.place.start, node.place.end);
		this.#problems.push(problemAt(node.place, message, Math.max(0, written.indexOf(`\${${name}`))));
		return { text: '', broken: true };
	}
}

/** Applies a change to each value of a mapping; anything else stays as it is. */
const mapped = (node: TreeNode, change: (name: string, value: TreeNode) => TreeNode): TreeNode =>
	node.kind === 'map'
		? { ...node, entries: new Map([...node.entries].map(([name, value]) => [name, change(name, value)])) }
		: node;

/**
 * Fills in `${name}` in every text of a runbook that is not a script, and gives its variables their final values, as texts.
 * Variables may refer to each other, and to names in `given`, which are set from outside.
 */
export const substitute = (root: MapNode, given: Readonly<Record<string, string>>, problems: Problem[]): MapNode => {
	const variables = new Variables(root.entries.get('variables'), given, problems);

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
			return mapped(node, (key, value) => walk(value, value.kind === 'scalar' && scriptKeys.has(key)));
		}
		if (typeof node.value !== 'string') {
			return node;
		}
		checkText(node);
		if (isScript) {
			return node;
		}
		const { text, broken } = variables.fill(node, node.value);
		return { ...node, value: text, broken: broken || node.broken };
	};
	const variable = (name: string, node: TreeNode): TreeNode => {
		if (node.kind !== 'scalar') {
			return node;
		}
		checkText(node);
		const { text, broken } = variables.value(name, node);
		return { ...node, value: text, broken: broken || node.broken };
	};

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
