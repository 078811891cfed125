import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { messageOf } from '../errors.ts';
import type { Problem } from '../problem.ts';
import { problemAt, type Source, type SourcePosition, type TreeNode } from './tree.ts';

// Far beyond any runbook; the limits stop aliases that multiply ("billion laughs") and aliases that contain themselves.
const maxNodes = 50_000;
const maxDepth = 50;

class TooMuch extends Error {
	readonly place: SourcePosition;
	constructor(place: SourcePosition, message: string) {
		super(message);
		this.place = place;
	}
}

const duplicateName = (text: string): string =>
	/^(?:"([^"\n]*)"|'([^'\n]*)'|([^\s:]+))/.exec(text)?.slice(1).find(Boolean) ?? '';

const read = (document: Document.Parsed, source: Source, problems: Problem[]): TreeNode | undefined => {
	let count = 0;
	const whole: SourcePosition = { source, start: 0, end: source.text.length };
	const placeFor = (node: ParsedNode | null | undefined, fallback: SourcePosition): SourcePosition =>
		node?.range ? { source, start: node.range[0], end: node.range[1] } : fallback;

	const convert = (node: unknown, depth: number, fallback: SourcePosition, key?: SourcePosition): TreeNode => {
		const parsed = node as ParsedNode | null;
		const place = placeFor(parsed, fallback);
		count += 1;
		if (count > maxNodes || depth > maxDepth) {
			throw new TooMuch(place, count > maxNodes ? 'too many values' : 'nested too deeply');
		}
		if (isAlias(parsed)) {
			const target = parsed.resolve(document);
			if (target === undefined) {
				problems.push(problemAt(place, `unknown alias *${parsed.source}`));
				return { kind: 'scalar', place, key, value: '', written: '', broken: true };
			}
			return convert(target, depth + 1, place, key);
		}
		if (isMap(parsed)) {
			const entries = new Map<string, TreeNode>();
			for (const pair of parsed.items) {
				const keyPlace = placeFor(pair.key as ParsedNode | null, place);
				const name = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : undefined;
				if (name === undefined || name === '__proto__') {
					problems.push(problemAt(keyPlace, 'a key must be a plain word'));
				} else if (!entries.has(name)) {
					entries.set(name, convert(pair.value, depth + 1, keyPlace, keyPlace));
				}
			}
			return { kind: 'map', place, key, entries };
		}
		if (isSeq(parsed)) {
			return { kind: 'list', place, key, items: parsed.items.map((item) => convert(item, depth + 1, place)) };
		}
		const value = isScalar(parsed) ? parsed.value : null;
		if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
			const written = (isScalar(parsed) ? parsed.source : undefined) ?? (value === null ? '' : String(value));
			return { kind: 'scalar', place, key, value, written };
		}
		problems.push(problemAt(place, 'expected a text, a number, true or false'));
		return { kind: 'scalar', place, key, value: '', written: '', broken: true };
	};
	return convert(document.contents, 0, whole);
};

/**
 * Reads one YAML 1.2 document. Problems go to `problems`; returns undefined when the syntax is so broken that further checks would only
 * report consequences.
 */
export const parseYaml = (text: string, file: string, problems: Problem[]): TreeNode | undefined => {
	const lines = new LineCounter();
	const source: Source = { file, text, lines };
	const start: SourcePosition = { source, start: 0, end: 0 };
	lines.addNewLine(0);
	try {
		const fresh = new LineCounter();
		const document = parseDocument(text, { lineCounter: fresh, prettyErrors: false, strict: true });
		lines.lineStarts = fresh.lineStarts;
		let usable = true;
		for (const error of [...document.errors, ...document.warnings]) {
			const place = { source, start: error.pos[0], end: error.pos[1] };
			if (error.code === 'DUPLICATE_KEY') {
				problems.push(problemAt(place, `"${duplicateName(text.slice(error.pos[0]))}" occurs twice here`));
			} else {
				problems.push(problemAt(place, `YAML: ${error.message}`));
				usable = false;
			}
		}
		return usable ? read(document, source, problems) : undefined;
	} catch (error) {
		if (error instanceof TooMuch) {
			problems.push(problemAt(error.place, error.message));
		} else if (error instanceof RangeError) {
			problems.push(problemAt(start, 'nested too deeply'));
		} else {
			problems.push(problemAt(start, `YAML: ${messageOf(error)}`));
		}
		return undefined;
	}
};
