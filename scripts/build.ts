// Bundles src into dist/, so that a start reads a few files instead of several hundred. docs/bundle.md says what it changes in
// dependencies, and why.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { fewFiles } from './bundle/few-files.ts';
import { licences } from './bundle/licences.ts';
import { bundling, root } from './bundle/options.ts';
import { assertMatched } from './bundle/patch.ts';
import { hashOf, newestIn } from './bundle/sources.ts';

const output = join(root, 'dist', 'cli.js');
const isFresh = () =>
	existsSync(output) &&
	statSync(output).mtimeMs >
		Math.max(
			newestIn(join(root, 'src')),
			newestIn(join(root, 'demo')),
			newestIn(join(root, 'scripts')),
			statSync(join(root, 'package.json')).mtimeMs,
		);

if (!(process.argv.includes('--if-stale') && isFresh())) {
	const { options, client, patches } = bundling();
	const both = {
		...options,
		metafile: true,
		outdir: 'dist',
		splitting: true,
		define: { ...options.define, 'process.env.BACKOUT_BUILD': JSON.stringify(hashOf(join(root, 'src'), root)) },
	} as const;
	const program = { ...both, plugins: client, entryPoints: { cli: 'src/cli.ts' } };
	// The second time it is known who imports what.
	const buildProgram = async () => {
		const { inputs } = (await build({ ...program, write: false })).metafile;
		return build({ ...program, plugins: [fewFiles(inputs, root), ...client] });
	};
	const outputs = await Promise.all([
		buildProgram(),
		// Separate builds for separate processes: shared chunks would be more files for the program's start to read.
		build({
			...both,
			entryPoints: { 'demo-host': 'demo/host-main.ts', 'demo-docker': 'demo/command/client.ts' },
		}),
	]);
	assertMatched(patches);
	const metafile = {
		inputs: Object.assign({}, ...outputs.map((output) => output.metafile.inputs)),
		outputs: Object.assign({}, ...outputs.map((output) => output.metafile.outputs)),
	} as Metafile;
	// A program that is still running may load parts of an earlier build; a package has no running programs.
	if (process.argv.includes('--package')) {
		const written = new Set(Object.keys(metafile.outputs));
		for (const name of readdirSync(join(root, 'dist'))) {
			if (!written.has(`dist/${name}`)) {
				rmSync(join(root, 'dist', name));
			}
		}
		writeFileSync(join(root, 'dist', 'LICENCES.txt'), licences(metafile, root));
	}
}
