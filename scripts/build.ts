// Bundles src into dist/, so that start-up reads a few files instead of several hundred.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

const newest = (folder: string): number =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

/** Names what is built: the same for the same sources. */
const nameOf = (folder: string): string => {
	const hash = createHash('sha256');
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
		hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
	}
	return hash.digest('hex').slice(0, 16);
};

/**
 * Node's own modules when something of them is first used. An `import` of one reads every property of it, and so loads what lies
 * behind the lazy ones (util.diff, util.TextDecoder, http.WebSocket); and of node:crypto or node:child_process most starts need
 * nothing. Together a third of a start.
 */
const lazyBuiltins: Plugin = {
	name: 'lazy-builtins',
	setup: ({ onResolve, onLoad }) => {
		onResolve({ filter: /^[a-z0-9_:/]+$/ }, ({ path, kind, namespace }) =>
			isBuiltin(path) && kind === 'import-statement' && namespace !== 'builtin'
				? { path, namespace: 'builtin' }
				: undefined,
		);
		onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
			const there: unknown = process.getBuiltinModule(path);
			// What is a function or there anyhow (node:events, node:process) is itself what is imported.
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
	},
};

/**
 * string-width makes an Intl.Segmenter and the tables of all emoji when it is loaded, half of what the smallest command takes. It
 * is loaded for the first text that has more in it than the signs of the screen.
 */
const lightWidth: Plugin = {
	name: 'light-width',
	setup: ({ onResolve, onLoad }) => {
		onResolve({ filter: /^string-width$/ }, ({ importer }) =>
			importer.endsWith('light-width.ts') ? undefined : { path: join(root, 'src', 'terminal', 'light-width.ts') },
		);
		onLoad({ filter: /light-width\.ts$/ }, ({ path }) => ({
			contents: readFileSync(path, 'utf8').replace(
				"import stringWidth from 'string-width';",
				"const stringWidth = (text, options) => require('string-width').default(text, options);",
			),
			loader: 'ts',
		}));
	},
};

/**
 * ssh2 without what it compiles when it is installed: its C++ takes the place of Node's own ciphers, and cpu-features only orders
 * them. What is tested is then what is run, wherever it is installed.
 */
const noNativeParts: Plugin = {
	name: 'no-native-parts',
	setup: ({ onResolve, onLoad }) => {
		onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: 'native' }));
		onLoad({ filter: /./, namespace: 'native' }, () => ({ contents: "throw new Error('it is not in the bundle')" }));
	},
};

/** ssh2's server, SFTP, HTTP agents and key maker are loaded with it, and need half of Node; a client does without. */
const sshClientAlone: Plugin = {
	name: 'ssh-client-alone',
	setup: ({ onLoad }) =>
		onLoad({ filter: /ssh2\/lib\/(server|http-agents|keygen|protocol\/SFTP)\.js$/ }, () => ({
			contents: 'module.exports = {};',
		})),
};

/**
 * got without HTTP/2, which no request asks for, and without web streams, which are never sent: it asks of each body whether it is
 * one, and Node loads all of them to answer.
 */
const plainHttp: Plugin = {
	name: 'plain-http',
	setup: ({ onLoad }) => {
		onLoad({ filter: /got\/dist\/source\/core\/utils\/http2-client\.js$/ }, () => ({ contents: 'export default {};' }));
		onLoad({ filter: /got\/dist\/source\/core\/(index|utils\/is-non-replayable-body)\.js$/ }, ({ path }) => ({
			contents: `class ReadableStream {}\n${readFileSync(path, 'utf8')}`,
		}));
	},
};

/** Ink loads React's devtools only when asked to by DEV; they are not installed. What puts the cursor back needs all of node:assert for one line. */
const lightInk: Plugin = {
	name: 'light-ink',
	setup: ({ onResolve, onLoad }) => {
		onLoad({ filter: /ink\/build\/devtools\.js$/ }, () => ({ contents: '' }));
		onResolve({ filter: /^assert$/ }, ({ importer }) =>
			importer.includes('/signal-exit/') ? { path: 'assert', namespace: 'one-line' } : undefined,
		);
		onLoad({ filter: /./, namespace: 'one-line' }, () => ({
			contents: 'exports.equal = (a, b, message) => { if (a !== b) throw new TypeError(message); };',
		}));
	},
};

const output = join(root, 'dist', 'cli.js');
const isFresh = () =>
	existsSync(output) &&
	statSync(output).mtimeMs >
		Math.max(newest(join(root, 'src')), newest(join(root, 'scripts')), statSync(join(root, 'package.json')).mtimeMs);

/** The packages that have gone into the bundle, each with its licence, as most of these ask for. */
const licences = ({ inputs }: Metafile): string => {
	const names = Object.keys(inputs).map((file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[0]);
	return [...new Set(names.filter((folder) => folder !== undefined))]
		.sort()
		.map((folder) => {
			const at = join(root, folder);
			const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
			const file = readdirSync(at).find((one) => /^licen[cs]e/i.test(one));
			const text = file === undefined ? `Licence: ${license}` : readFileSync(join(at, file), 'utf8').trim();
			return `${name} ${version}\n\n${text}\n`;
		})
		.join(`\n${'-'.repeat(80)}\n\n`);
};

if (!(process.argv.includes('--if-stale') && isFresh())) {
	const options = {
		metafile: true,
		absWorkingDir: root,
		outdir: 'dist',
		bundle: true,
		splitting: true,
		format: 'esm',
		platform: 'node',
		target: 'node22',
		jsx: 'automatic',
		minifySyntax: true,
		legalComments: 'none',
		logLevel: 'warning',
		define: {
			'process.env.NODE_ENV': '"production"',
			'process.env.BACKOUT_BUILD': JSON.stringify(nameOf(join(root, 'src'))),
			// Yoga would fetch its own WebAssembly from a data: URL, which loads all of undici; without it, it decodes it.
			fetch: 'undefined',
			// ssh2's WebAssembly, which it brings with it, asks where it is.
			__dirname: 'import.meta.dirname',
		},
		loader: { '.sh': 'text' },
		plugins: [lazyBuiltins, lightWidth, lightInk, noNativeParts, plainHttp],
		banner: {
			js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
		},
	} as const satisfies BuildOptions;
	const outputs = await Promise.all([
		build({ ...options, plugins: [...options.plugins, sshClientAlone], entryPoints: { cli: 'src/cli.ts' } }),
		// Processes of their own; apart, as what they share with the program would be more files for its start to read.
		build({
			...options,
			entryPoints: { 'demo-host': 'src/demo/host-main.ts', 'demo-docker': 'src/demo/command/client.ts' },
		}),
	]);
	const metafile = {
		inputs: Object.assign({}, ...outputs.map((output) => output.metafile.inputs)),
		outputs: Object.assign({}, ...outputs.map((output) => output.metafile.outputs)),
	} as Metafile;
	// A program that was started before may still load parts of an earlier build; a package has nobody running in it.
	if (process.argv.includes('--package')) {
		const written = new Set(Object.keys(metafile.outputs));
		for (const name of readdirSync(join(root, 'dist'))) {
			if (!written.has(`dist/${name}`)) {
				rmSync(join(root, 'dist', name));
			}
		}
		writeFileSync(join(root, 'dist', 'LICENCES.txt'), licences(metafile));
	}
}
