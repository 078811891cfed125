import { readFileSync } from 'node:fs';
import { editFile, patch } from './patch.ts';

/**
 * Leaves out React's devtools, which Ink loads only if DEV is set and which are not installed; and gives signal-exit, which restores the
 * cursor, the one function of node:assert that it calls, without the rest.
 */
export const lightInk = () =>
	patch('light-ink', (parts) => {
		editFile(parts, {
			file: 'ink/build/devtools.js',
			expects: ['react-devtools-core'],
			edit: () => '',
		});
		const matched = parts.expect('signal-exit does not require assert');
		parts.onResolve({ filter: /^assert$/ }, ({ importer }) => {
			if (!importer.includes('/signal-exit/')) {
				return undefined;
			}
			const other = /\bassert\.(?!equal\()\w+/.exec(readFileSync(importer, 'utf8'));
			if (other !== null) {
				throw new Error(`signal-exit uses ${other[0]}, and only assert.equal is there: see docs/bundle.md`);
			}
			matched();
			return { path: 'assert', namespace: 'one-line' };
		});
		parts.onLoad({ filter: /./, namespace: 'one-line' }, () => ({
			contents: 'exports.equal = (a, b, message) => { if (a !== b) throw new TypeError(message); };',
		}));
	});
