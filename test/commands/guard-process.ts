import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { linesOfCommands } from '../../src/commands/output/events.ts';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';

/** A line of a command's `--json`. */
export type Line = Readonly<Record<string, unknown>>;

/** `backout guard --json` that goes on; lines as they come. */
export const startGuard = (config: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) => {
	const child: ChildProcess = spawn(
		process.execPath,
		[program, '--config', config, 'guard', '--here', ...args, '--json'],
		{
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	const lines: Line[] = [];
	const wake = new Set<() => void>();
	let stderr = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	if (child.stdout !== null) {
		createInterface(child.stdout).on('line', (text) => {
			const [line = {}] = readLines(text);
			expect(['error', ...(linesOfCommands.guard ?? [])]).toContain(line.type);
			lines.push(line);
			for (const look of [...wake]) look();
		});
	}
	const ended = new Promise<{ readonly code: number | null; readonly lines: readonly Line[]; readonly stderr: string }>(
		(resolve) => child.once('close', (code) => resolve({ code, lines, stderr })),
	);
	return {
		ended,
		lines,
		kill: (signal: NodeJS.Signals) => child.kill(signal),
		until: (holds: (line: Line) => boolean, from = 0) =>
			new Promise<Line>((resolve, reject) => {
				const look = () => {
					const found = lines.slice(from).find(holds);
					if (found !== undefined) {
						wake.delete(look);
						resolve(found);
					}
				};
				wake.add(look);
				void ended.then(() => reject(new Error(`ended before that was seen: ${JSON.stringify(lines)} ${stderr}`)));
				look();
			}),
	};
};

/** Finds the line that says the guard is in a state. */
export const inState = (state: string) => (line: Line) => line.type === 'guard-state' && line.state === state;
