import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The program as users start it; `npm test` builds it first. */
export const program = join(import.meta.dirname, '..', '..', 'bin', 'backout.js');

export interface Said {
	readonly code: number | null;
	/** All output, standard output and error in the order of arrival. */
	readonly text: string;
}

/** Runs the program to its end in a folder. */
export const runProgram = (
	cwd: string,
	env: Readonly<Record<string, string | undefined>>,
	args: readonly string[],
): Promise<Said> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [program, ...args], {
			cwd,
			env: env as NodeJS.ProcessEnv,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let text = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
		}
		child.on('error', reject);
		child.on('close', (code) => resolve({ code, text }));
	});
