import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Loader, Metafile, Plugin } from 'esbuild';

type Inputs = Metafile['inputs'];

const isOwn = (file: string): boolean => /^(src|demo)\/.*\.tsx?$/.test(file);

/** Returns what a file imports, and what that imports, in the order in which it runs; without what is loaded later. */
const importedBy = (inputs: Inputs, file: string, found = new Set<string>()): Set<string> => {
	if (!found.has(file)) {
		found.add(file);
		for (const { path, kind } of inputs[file]?.imports ?? []) {
			if (kind === 'import-statement' && path in inputs) {
				importedBy(inputs, path, found);
			}
		}
	}
	return found;
};

/**
 * Puts what the dashboard and the commands share into one file, and what every command loads into another. esbuild makes a file of each
 * group of modules that the same entry points need, and every module that is loaded later is an entry point: a start would read 67 files,
 * each of which costs a millisecond. So each of these modules also imports all that is shared. When one is loaded, that is there already.
 * @param inputs of the same build without this plugin
 */
export const fewFiles = (inputs: Inputs, root: string): Plugin => {
	const start = 'src/cli.ts';
	const [always, dashboard, commands] = [start, 'src/main.tsx', 'src/commands/host-commands.ts'].map((file) => {
		if (inputs[file] === undefined) {
			throw new Error(`${file} is not in the bundle: see docs/bundle.md`);
		}
		return importedBy(inputs, file);
	}) as [Set<string>, Set<string>, Set<string>];
	const shared = [...always, ...[...dashboard].filter((file) => commands.has(file))].filter(
		(file) => isOwn(file) && file !== start,
	);
	const later = new Set(
		Object.values(inputs)
			.flatMap(({ imports }) => imports)
			.filter(({ path, kind }) => kind === 'dynamic-import' && isOwn(path))
			.map(({ path }) => join(root, path)),
	);
	return {
		name: 'few-files',
		setup: ({ onResolve, onLoad }) => {
			onResolve({ filter: /^backout:shared$/ }, ({ path }) => ({ path, namespace: 'shared', sideEffects: true }));
			onLoad({ filter: /./, namespace: 'shared' }, () => ({
				contents: shared.map((file) => `import ${JSON.stringify(join(root, file))};\n`).join(''),
				resolveDir: root,
			}));
			onLoad({ filter: /\.tsx?$/ }, ({ path }) =>
				later.has(path)
					? {
							contents: `import 'backout:shared';\n${readFileSync(path, 'utf8')}`,
							loader: path.split('.').at(-1) as Loader,
						}
					: undefined,
			);
		},
	};
};
