import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The package's `runbooks` folder: the nearest one above this module, which lies in `src/services/files` while
 * developing and in `dist` once bundled.
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
