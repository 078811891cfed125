import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Output } from './types.ts';

export interface ExecOptions {
	cwd?: string;
	env?: Record<string, string | undefined>;
	/** Written to its standard input; without it the input is empty. */
	input?: string;
	/** Milliseconds until it is killed. */
	timeout?: number;
	signal?: AbortSignal;
	/** Called with what it prints, as it comes. */
	onOutput?: (text: string) => void;
}

/** Runs a program and gives its output as UTF-8 and its exit code, whatever that is. Throws only when it cannot be started. */
export function exec(command: string, args: string[], options: ExecOptions = {}): Promise<Output> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: options.cwd,
			env: { ...process.env, ...options.env },
			timeout: options.timeout ?? 300_000,
			killSignal: 'SIGKILL',
			signal: options.signal,
		});
		let stdout = '';
		let stderr = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
			options.onOutput?.(text);
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
			options.onOutput?.(text);
		});
		child.on('error', reject);
		child.on('close', (code, signal) => {
			resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), stdout, stderr });
		});
		// A program that ends before it has read its input is no error of ours.
		child.stdin.on('error', () => {});
		child.stdin.end(options.input ?? '');
	});
}

/** Like `exec`, but returns the trimmed standard output, and throws the output when the exit code is not 0. */
export async function must(command: string, args: string[], options: ExecOptions = {}): Promise<string> {
	const { code, stdout, stderr } = await exec(command, args, options);
	if (code !== 0) {
		const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
		throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`);
	}
	return stdout.trim();
}
