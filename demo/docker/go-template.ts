/** A value as a template sees it: JSON, and functions that stand for methods with arguments. */
export type Data = unknown;

type Scope = Map<string, Data>;

/** `{{if}}`, `{{with}}` and `{{range}}`: `no` is what follows `{{else}}`. */
interface Block {
	readonly kind: 'if' | 'with' | 'range';
	readonly pipe: string;
	readonly yes: readonly Node[];
	readonly no: readonly Node[];
}

type Node =
	| { readonly kind: 'text'; readonly text: string }
	| { readonly kind: 'print'; readonly pipe: string }
	| Block;

const actionPattern = /\{\{(- )?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)\s*( -)?\}\}/g;
const tokenPattern = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+|(?:\$\w*|\.\w+)(?:\.\w+)*|\.|[A-Za-z_]\w*|:=|[=,|()])/y;

const fail = (why: string): never => {
	throw new Error(`template parsing error: ${why}`);
};

interface Frame {
	readonly keyword: string;
	readonly pipe: string;
	readonly yes: Node[];
	readonly no: Node[];
	into: Node[];
	/** It began as `{{else if}}`, and ends with the block around it. */
	readonly inner: boolean;
}

const frame = (keyword: string, pipe: string, inner = false): Frame => {
	const yes: Node[] = [];
	return { keyword, pipe, yes, no: [], into: yes, inner };
};

const parse = (template: string): readonly Node[] => {
	const root = frame('', '');
	const stack = [root];
	const top = () => stack.at(-1) ?? root;
	const close = () => {
		const { keyword, pipe, yes, no, inner } = stack.length > 1 ? (stack.pop() ?? root) : fail('unexpected {{end}}');
		top().into.push({ kind: keyword as Block['kind'], pipe, yes, no });
		if (inner) {
			close();
		}
	};
	let at = 0;
	let trims = false;
	const addText = (text: string, trimsEnd: boolean) => {
		const begun = trims ? text.trimStart() : text;
		top().into.push({ kind: 'text', text: trimsEnd ? begun.trimEnd() : begun });
	};
	for (const match of template.matchAll(actionPattern)) {
		addText(template.slice(at, match.index), match[1] !== undefined);
		at = match.index + match[0].length;
		trims = match[3] !== undefined;
		const action = match[2] ?? '';
		const [, keyword, pipe = ''] = /^(if|with|range|else|end)\b\s*(.*)$/s.exec(action) ?? [];
		if (keyword === 'else') {
			top().into = top().no;
			const [, second, condition = ''] = /^(if|with)\b\s*(.*)$/s.exec(pipe) ?? [];
			if (second !== undefined) {
				stack.push(frame(second, condition, true));
			}
		} else if (keyword === 'end') {
			close();
		} else if (keyword !== undefined) {
			stack.push(frame(keyword, pipe));
		} else if (!action.startsWith('/*')) {
			top().into.push({ kind: 'print', pipe: action });
		}
	}
	if (stack.length !== 1) {
		fail('unexpected EOF');
	}
	addText(template.slice(at), false);
	return root.yes;
};

const isMap = (value: Data): value is Record<string, Data> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const isTrue = (value: Data): boolean =>
	Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value);

const show = (value: Data): string =>
	value === undefined || value === null ? '<no value>' : typeof value === 'object' ? JSON.stringify(value) : `${value}`;

const indexed = (value: Data, key: Data): Data =>
	isMap(value) ? (value[String(key)] ?? '') : Array.isArray(value) ? value[Number(key)] : '';

const compared = (one: Data, other: Data): number =>
	typeof one === 'number' && typeof other === 'number'
		? one - other
		: String(one) < String(other)
			? -1
			: String(one) > String(other)
				? 1
				: 0;

/** Go's fmt.Sprintf, as far as templates use it. */
const printf = (format: Data, ...values: readonly Data[]): string => {
	let next = 0;
	return String(format).replace(/%(-?)(0?)(\d*)(?:\.(\d+))?([svdqtxf%])/g, (_, left, zero, width, precision, verb) => {
		if (verb === '%') {
			return '%';
		}
		const value = values[next++];
		const text =
			verb === 'q'
				? JSON.stringify(show(value))
				: verb === 'f'
					? Number(value).toFixed(precision === undefined ? 6 : Number(precision))
					: verb === 'x'
						? Number(value).toString(16)
						: show(value).slice(0, precision === undefined ? undefined : Number(precision));
		return left === '-' ? text.padEnd(Number(width)) : text.padStart(Number(width), zero === '0' ? '0' : ' ');
	});
};

const functions: Readonly<Record<string, (...given: readonly Data[]) => Data>> = {
	json: (value) => JSON.stringify(value ?? null),
	index: (value, ...keys) => keys.reduce(indexed, value),
	println: (...values) => `${values.map(show).join(' ')}\n`,
	print: (...values) => values.map(show).join(''),
	printf,
	len: (value) => (isMap(value) ? Object.keys(value).length : ((value ?? '') as string | readonly unknown[]).length),
	eq: (one, ...others) => others.some((other) => one === other),
	ne: (one, other) => one !== other,
	lt: (one, other) => compared(one, other) < 0,
	le: (one, other) => compared(one, other) <= 0,
	gt: (one, other) => compared(one, other) > 0,
	ge: (one, other) => compared(one, other) >= 0,
	not: (value) => !isTrue(value),
	and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
	or: (...values) => values.find(isTrue) ?? values.at(-1),
	lower: (value) => String(value).toLowerCase(),
	upper: (value) => String(value).toUpperCase(),
	title: (value) => String(value).replace(/\b\w/g, (letter) => letter.toUpperCase()),
	split: (value, separator) => String(value).split(String(separator)),
	join: (values, separator) => (values as readonly Data[]).map(show).join(String(separator)),
	slice: (value, from = 0, to = undefined) =>
		(value as string | readonly unknown[]).slice(Number(from), to === undefined ? undefined : Number(to)),
	truncate: (value, length) => String(value).slice(0, Number(length)),
	pad: (value, before, after) => `${' '.repeat(Number(before))}${value}${' '.repeat(Number(after))}`,
};

const constants: Readonly<Record<string, Data>> = { true: true, false: false, nil: undefined };

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
			return token.includes('\n') ? fail('unterminated quoted string') : JSON.parse(token.replaceAll('\t', '\\t'));
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
		if (Object.hasOwn(constants, token)) {
			return constants[token];
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
			const assigns = all.findIndex((token) => token === ':=' || token === '=');
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
					return render(node.yes, one, inner);
				};
				return entries.length === 0 ? render(node.no, dot, scope) : entries.map(each).join('');
			}
			if (names[0] !== undefined) {
				scope.set(names[0], value);
			}
			if (node.kind === 'if' || node.kind === 'with') {
				const yes = isTrue(value);
				return render(yes ? node.yes : node.no, yes && node.kind === 'with' ? value : dot, new Map(scope));
			}
			return names.length > 0 ? '' : show(value);
		})
		.join('');

/**
 * The part of Go's text/template that `--format` is used with: fields, variables, if, with, range, Docker's functions and
 * Go's own. Throws an Error in the words of Docker for what it does not know.
 */
export const formatGo = (template: string, data: Data): string => render(parse(template), data, new Map([['$', data]]));
