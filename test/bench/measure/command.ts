import { spawn } from 'node:child_process';

export interface Took {
	readonly ms: number;
	readonly code: number | null;
	readonly stdout: string;
	readonly bytes: number;
}

/** Runs a command to its end. Its output is counted; the first 64 kB are kept. */
export const runCommand = (
	[file = '', ...args]: readonly string[],
	options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Took> =>
	new Promise((resolve, reject) => {
		const began = performance.now();
		const child = spawn(file, args, {
			cwd: options.cwd,
			env: { ...process.env, ...options.env },
			stdio: ['pipe', 'pipe', 'ignore'],
		});
		let stdout = '';
		let bytes = 0;
		child.stdin.on('error', () => {});
		child.stdin.end(options.input ?? '');
		child.stdout.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			if (stdout.length < 65_536) {
				stdout += chunk.toString('utf8');
			}
		});
		child.once('error', reject);
		child.once('close', (code) => resolve({ ms: performance.now() - began, code, stdout, bytes }));
	});
