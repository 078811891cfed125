import { readFileSync } from 'node:fs';
import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, Scalar, visit } from 'yaml';

/** A shell script in a YAML file. */
export interface EmbeddedScript {
	readonly file: string;
	/** The line of the file on which the script's first line is, from 1. */
	readonly line: number;
	readonly shell: 'sh' | 'bash';
	readonly text: string;
}

/** The keys of a runbook whose value is a script (docs/runbooks.md); of a GitHub workflow it is `run`. */
const scriptKeys = new Set(['choices', 'resolve', 'run', 'until']);

/** A key with a script, also of a ConfigMap whose keys are the names of files. */
const hasScript = (key: string): boolean => scriptKeys.has(key) || key.endsWith('.sh');

const scriptsIn = (document: Document, file: string, counter: LineCounter): readonly EmbeddedScript[] => {
	for (const error of document.errors) {
		throw error;
	}
	const shell = document.has('jobs') ? 'bash' : 'sh';
	const found: EmbeddedScript[] = [];
	const add = (value: unknown) => {
		if (isScalar(value) && typeof value.value === 'string' && value.range) {
			const { line } = counter.linePos(value.range[0]);
			const isBlock = value.type === Scalar.BLOCK_LITERAL || value.type === Scalar.BLOCK_FOLDED;
			// GitHub's replacement for an expression is a word to the shell.
			const text = value.value.replaceAll(/\$\{\{.*?\}\}/g, 'expression');
			found.push({ file, line: isBlock ? line + 1 : line, shell, text });
		}
	};
	visit(document, {
		Pair: (_, { key, value }) => {
			const name = isScalar(key) ? key.value : undefined;
			if (typeof name === 'string' && hasScript(name)) {
				add(value);
			}
			if (name === 'scripts' && isMap(value)) {
				for (const item of value.items) {
					add(item.value);
				}
			}
		},
	});
	return found;
};

/** Returns the scripts of a runbook, a config, a GitHub workflow or manifests of Kubernetes. Throws for a file that is not YAML. */
export const scriptsOf = (file: string): readonly EmbeddedScript[] => {
	const lineCounter = new LineCounter();
	const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter });
	return documents.flatMap((document) => scriptsIn(document as Document, file, lineCounter));
};
