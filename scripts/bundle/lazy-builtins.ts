import { isBuiltin } from 'node:module';
import { patch } from './patch.ts';

/**
 * Loads Node's own modules at their first use. An `import` of one reads every property of it, and so loads the modules behind lazy ones
 * (util.diff, util.TextDecoder, http.WebSocket); and most starts use nothing of node:crypto or node:child_process. Together a third of a
 * start.
 */
export const lazyBuiltins = () =>
	patch('lazy-builtins', ({ onResolve, onLoad, expect }) => {
		const matched = expect('no import of a module of Node');
		onResolve({ filter: /^[a-z0-9_:/]+$/ }, ({ path, kind, namespace }) =>
			isBuiltin(path) && kind === 'import-statement' && namespace !== 'builtin'
				? { path, namespace: 'builtin' }
				: undefined,
		);
		onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
			matched();
			const there: unknown = process.getBuiltinModule(path);
			// A function (node:events) or a global (node:process) is loaded anyway, and is itself the import.
			if (typeof there !== 'object' || there === null || there === process) {
				return { contents: `module.exports = require('${path}')` };
			}
			return {
				contents: `let loaded;
				const load = () => (loaded ??= require('${path}'));
				for (const name of ${JSON.stringify(Object.keys(there))}) {
					Object.defineProperty(module.exports, name, { enumerable: true, get: () => load()[name] });
				}`,
			};
		});
	});
