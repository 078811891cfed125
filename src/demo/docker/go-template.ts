/** A value as a template sees it: JSON, and functions that stand for methods with arguments. */
export type Data = unknown;

type Scope = Map<string, Data>;

type Node =
	| { readonly kind: 'text'; readonly text: string }
	| { readonly kind: 'print'; readonly pipe: string }
	| { readonly kind: 'if'; readonly pipe: string; readonly yes: readonly Node[]; readonly no: readonly Node[] }
	| { readonly kind: 'range'; readonly pipe: string; readonly body: readonly Node[]; readonly no: readonly Node[] };

const actionPattern = /\{\{-?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)\s*-?\}\}/g;
const tokenPattern = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+|(?:\$\w*|\.\w+)(?:\.\w+)*|\.|[A-Za-z_]\w*|:=|[=,|()])/y;

const fail = (why: string): never => {
	throw new Error(`template parsing error: ${why}`);
};

const parse = (template: string): readonly Node[] => {
	interface Frame {
		readonly keyword: string;
		readonly pipe: string;
		readonly yes: Node[];
		readonly no: Node[];
		into: Node[];
	}
	const frame = (keyword: string, pipe: string): Frame => {
		const yes: Node[] = [];
		return { keyword, pipe, yes, no: [], into: yes };
	};
	const root = frame('', '');
	const stack = [root];
	const top = () => stack.at(-1) ?? root;
	let at = 0;
	for (const match of template.matchAll(actionPattern)) {
		top().into.push({ kind: 'text', text: template.slice(at, match.index) });
		at = match.index + match[0].length;
		const action = match[1] ?? '';
		const [, keyword, pipe = ''] = /^(if|range|else|end)\b\s*(.*)$/s.exec(action) ?? [];
		if (keyword === 'if' || keyword === 'range') {
			stack.push(frame(keyword, pipe));
		} else if (keyword === 'else') {
			top().into = top().no;
		} else if (keyword === 'end') {
			const { keyword: opened, pipe: on, yes, no } = stack.pop() ?? root;
			top().into.push(opened === 'if' ? { kind: 'if', pipe: on, yes, no } : { kind: 'range', pipe: on, body: yes, no });
		} else {
			top().into.push({ kind: 'print', pipe: action });
		}
	}
	if (stack.length !== 1) {
		fail('unexpected EOF');
	}
	root.yes.push({ kind: 'text', text: template.slice(at) });
	return root.yes;
};

const isMap = (value: Data): value is Record<string, Data> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const isTrue = (value: Data): boolean =>
	Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value);

const show = (value: Data): string =>
	value === undefined || value === null ? '<no value>' : typeof value === 'object' ? JSON.stringify(value) : `${value}`;

const functions: Readonly<Record<string, (...given: readonly Data[]) => Data>> = {
	json: (value) => JSON.stringify(value ?? null),
	index: (value, key) => (isMap(value) ? (value[String(key)] ?? '') : Array.isArray(value) ? value[Number(key)] : ''),
	println: (...values) => `${values.map(show).join(' ')}\n`,
	print: (...values) => values.map(show).join(''),
	len: (value) => (isMap(value) ? Object.keys(value).length : (value as string | readonly unknown[]).length),
	eq: (one, ...others) => others.some((other) => one === other),
	ne: (one, other) => one !== other,
	not: (value) => !isTrue(value),
	and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
	or: (...values) => values.find(isTrue) ?? values.at(-1),
	lower: (value) => String(value).toLowerCase(),
	upper: (value) => String(value).toUpperCase(),
};

const tokens = (pipe: string): readonly string[] => {
	const found: string[] = [];
	tokenPattern.lastIndex = 0;
	while (tokenPattern.lastIndex < pipe.trimEnd().length) {
		const at = tokenPattern.lastIndex;
		const match = tokenPattern.exec(pipe) ?? fail(`unexpected ${JSON.stringify(pipe.slice(at))}`);
		found.push(match[1] ?? '');
	}
	return found;
};

const field = (value: Data, name: string): Data => {
	if (!isMap(value) || !(name in value)) {
		throw new Error(`template: executing at <.${name}>: can't evaluate field ${name}`);
	}
	return value[name];
};

const evaluate = (given: readonly string[], dot: Data, scope: Scope): Data => {
	let at = 0;
	const operand = (): Data | ((...values: readonly Data[]) => Data) => {
		const token = given[at++] ?? fail('missing value');
		if (token === '(') {
			const value = pipeline();
			at++;
			return value;
		}
		if (token.startsWith('"')) {
			return JSON.parse(token);
		}
		if (token.startsWith('`')) {
			return token.slice(1, -1);
		}
		if (/^-?\d/.test(token)) {
			return Number(token);
		}
		if (token === '.') {
			return dot;
		}
		if (token.startsWith('$') || token.startsWith('.')) {
			const [first = '', ...names] = token.split('.');
			const from = first === '' ? dot : scope.has(first) ? scope.get(first) : fail(`undefined variable "${first}"`);
			return names.reduce<Data>(field, from);
		}
		return functions[token] ?? fail(`function "${token}" not defined`);
	};
	const command = (piped: readonly Data[]): Data => {
		const first = operand();
		const values: Data[] = [];
		while (at < given.length && given[at] !== '|' && given[at] !== ')') {
			values.push(operand());
		}
		return typeof first === 'function' ? first(...values, ...piped) : first;
	};
	const pipeline = (): Data => {
		let value = command([]);
		while (given[at] === '|') {
			at++;
			value = command([value]);
		}
		return value;
	};
	return pipeline();
};

const render = (nodes: readonly Node[], dot: Data, scope: Scope): string =>
	nodes
		.map((node) => {
			if (node.kind === 'text') {
				return node.text;
			}
			const all = tokens(node.pipe);
			const assigns = all.indexOf(':=');
			const names = all.slice(0, Math.max(0, assigns)).filter((token) => token !== ',');
			const value = evaluate(all.slice(assigns + 1), dot, scope);
			if (node.kind === 'range') {
				const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value).sort() : [];
				const each = ([key, one]: readonly [unknown, Data]) => {
					const inner = new Map(scope);
					const [first, second] = names;
					if (second !== undefined) {
						inner.set(first ?? '', key).set(second, one);
					} else if (first !== undefined) {
						inner.set(first, one);
					}
					return render(node.body, one, inner);
				};
				return entries.length === 0 ? render(node.no, dot, scope) : entries.map(each).join('');
			}
			if (names[0] !== undefined) {
				scope.set(names[0], value);
			}
			if (node.kind === 'if') {
				return render(isTrue(value) ? node.yes : node.no, dot, new Map(scope));
			}
			return names.length > 0 ? '' : show(value);
		})
		.join('');

/**
 * The part of Go's text/template that `--format` is used with: fields, variables, if, range, index, json, println,
 * comparisons. Throws an Error in the words of Docker for what it does not know.
 */
export const formatGo = (template: string, data: Data): string => render(parse(template), data, new Map([['$', data]]));
