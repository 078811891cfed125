import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundling, root } from '../../scripts/bundle/options.ts';

/** A small program, bundled as the real one is. */
export interface Bundled {
	readonly file: string;
	/** Runs it with Node to its end. Gives what it printed, and its exit code. */
	run(
		...args: readonly string[]
	): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
	remove(): void;
}

/** Bundles the text of a program with the options and the patches of the build. It may import packages, and files from `./src` on. */
export const bundle = async (contents: string): Promise<Bundled> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-bundle-'));
	const { options, client } = bundling();
	const outfile = join(folder, 'program.mjs');
	await build({ ...options, plugins: client, stdin: { contents, resolveDir: root, loader: 'tsx' }, outfile });
	return {
		file: outfile,
		run: (...args) =>
			new Promise((resolve, reject) => {
				const child = spawn(process.execPath, [outfile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
				let [stdout, stderr] = ['', ''];
				child.stdout.setEncoding('utf8').on('data', (text) => {
					stdout += text;
				});
				child.stderr.setEncoding('utf8').on('data', (text) => {
					stderr += text;
				});
				child.once('error', reject);
				child.once('close', (code) => resolve({ code, stdout, stderr }));
			}),
		remove: () => rmSync(folder, { recursive: true }),
	};
};
