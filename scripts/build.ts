// Bundles src into dist/, so that start-up reads a few files instead of several hundred.
// ssh2 stays outside: it is CommonJS with optional native parts and fails inside an ESM bundle.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

const newest = (folder: string): number =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

const output = join(root, 'dist', 'cli.js');
const isFresh = () =>
	existsSync(output) &&
	statSync(output).mtimeMs >
		Math.max(newest(join(root, 'src')), newest(join(root, 'scripts')), statSync(join(root, 'package.json')).mtimeMs);

if (!(process.argv.includes('--if-stale') && isFresh())) {
	await build({
		absWorkingDir: root,
		// The demo host and its `docker` command are processes of their own.
		entryPoints: {
			cli: 'src/cli.ts',
			'demo-host': 'src/demo/host-main.ts',
			'demo-docker': 'src/demo/command/client.ts',
		},
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
		define: { 'process.env.NODE_ENV': '"production"' },
		// Ink loads its devtools only when asked to by DEV; they are not installed.
		external: ['ssh2', 'react-devtools-core'],
		loader: { '.sh': 'text' },
		banner: {
			js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
		},
	});
}
