import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { embeddedWasm } from './embedded-wasm.ts';
import { lightWidth } from './fast-width.ts';
import { lateSegmenter } from './late-segmenter.ts';
import { lazyBuiltins } from './lazy-builtins.ts';
import { lightInk } from './light-ink.ts';
import { noNativeParts } from './no-native-parts.ts';
import type { Patch } from './patch.ts';
import { plainHttp } from './plain-http.ts';
import { sshClientAlone } from './ssh-client-alone.ts';

export const root = join(import.meta.dirname, '..', '..');

/**
 * The options of esbuild for the program, and the patches, which `assertMatched` checks after the builds. `client` are the plugins of
 * the program itself; the demo's host is an SSH server, and keeps all of ssh2.
 */
export const bundling = (): {
	readonly options: BuildOptions & { readonly plugins: Plugin[] };
	readonly client: Plugin[];
	readonly patches: readonly Patch[];
} => {
	const wasm = embeddedWasm();
	const shared = [lazyBuiltins(), lightWidth(), lateSegmenter(), lightInk(), noNativeParts(), plainHttp(), wasm];
	const clientAlone = sshClientAlone();
	const plugins = shared.map(({ plugin }) => plugin);
	return {
		options: {
			absWorkingDir: root,
			bundle: true,
			format: 'esm',
			platform: 'node',
			target: 'node22',
			jsx: 'automatic',
			minifySyntax: true,
			legalComments: 'none',
			logLevel: 'warning',
			define: { 'process.env.NODE_ENV': '"production"', ...wasm.define },
			loader: { '.sh': 'text' },
			plugins,
			banner: {
				js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
			},
		},
		client: [...plugins, clientAlone.plugin],
		patches: [...shared, clientAlone],
	};
};
