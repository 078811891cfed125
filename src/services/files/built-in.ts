import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the package's `runbooks` folder: the nearest one above this module, which is in `src/services/files` during development and in
 * `dist` once bundled.
 */
export const builtInFolder = (from: string = import.meta.dirname): string => {
	for (let folder = from; ; folder = dirname(folder)) {
		const candidate = join(folder, 'runbooks');
		if (existsSync(join(candidate, 'compose.yaml'))) {
			return candidate;
		}
		if (dirname(folder) === folder) {
			throw new Error(`no runbooks folder above ${from}`);
		}
	}
};

/** Names of the built-in runbooks. */
export const builtInNames = (): string[] =>
	readdirSync(builtInFolder())
		.filter((name) => name.endsWith('.yaml'))
		.map((name) => name.slice(0, -'.yaml'.length))
		.sort();
