import { join } from 'node:path';
import { editFile, patch } from './patch.ts';

const staticImport = "import stringWidth from 'string-width';";
const lightWidthFile = join(import.meta.dirname, '..', '..', 'src', 'terminal', 'fast-width.ts');

/**
 * Gives Ink our own width function instead of string-width, and loads string-width only for the first text that ours cannot handle.
 * string-width creates an Intl.Segmenter and the tables of all emoji when it is loaded: half of the time of the smallest command.
 */
export const lightWidth = () =>
	patch('fast-width', (parts) => {
		const matched = parts.expect('nothing but fast-width.ts imports string-width');
		parts.onResolve({ filter: /^string-width$/ }, ({ importer }) => {
			if (importer.endsWith('fast-width.ts')) {
				return undefined;
			}
			matched();
			return { path: lightWidthFile };
		});
		editFile(parts, {
			file: 'src/terminal/fast-width.ts',
			expects: [staticImport],
			edit: (text) =>
				text.replace(
					staticImport,
					"const stringWidth = (text, options) => require('string-width').default(text, options);",
				),
			loader: 'ts',
		});
	});
