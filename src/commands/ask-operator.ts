import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { AuthPrompt, Prompter } from '../services/ssh/auth-prompt.ts';
import { harmless, safe } from './print.ts';

/** Keys that were typed before a question are read and discarded for this long, ms. */
const discardMs = 50;
const ctrlC = 3;

/** Discards keys that were typed before a question, as OpenSSH and sudo do (TCSAFLUSH, termios(3)). Ctrl-C counts. */
const discardTyped = async (): Promise<void> => {
	const { stdin } = process;
	if (stdin.isTTY !== true) {
		return;
	}
	const discard = (typed: Buffer | string) => {
		if (Buffer.from(typed).includes(ctrlC)) {
			process.emit('SIGINT');
		}
	};
	// The terminal gives what it has of a line only in raw mode, and echoes nothing of it then.
	stdin.setRawMode(true);
	stdin.on('data', discard);
	await setTimeout(discardMs);
	stdin.off('data', discard);
	stdin.pause();
};

/** Undefined when the input was ended (ctrl-d), ctrl-c was typed, or nobody waits for the answer any more. */
const readLine = async (prompt: string, hidden: boolean, signal?: AbortSignal): Promise<string | undefined> => {
	await discardTyped();
	// readline echoes to its output; a hidden answer goes nowhere.
	const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
	const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
	// Only now: what is typed as an answer finds the terminal without echo.
	process.stderr.write(harmless(prompt));
	const ended = Promise.withResolvers<undefined>();
	lines.once('close', () => ended.resolve(undefined));
	lines.once('SIGINT', () => {
		// The terminal is in raw mode: what ctrl-c means elsewhere is made to happen here too, before the missing answer
		// is taken for a refusal.
		process.emit('SIGINT');
		lines.close();
	});
	const withdraw = () => lines.close();
	signal?.addEventListener('abort', withdraw, { once: true });
	if (signal?.aborted === true) {
		withdraw();
	}
	try {
		return await Promise.race([new Promise<string>((resolve) => lines.once('line', resolve)), ended.promise]);
	} finally {
		signal?.removeEventListener('abort', withdraw);
		lines.close();
		if (hidden) {
			process.stderr.write('\n');
		}
	}
};

/** Number of lines of a question to show: the last ones, which contain the question itself. */
const mostLines = 24;

/** The question as it is written; of one that the server words it is said that it does. Each line is made harmless by itself. */
const questionText = ({ kind, prompt, host }: AuthPrompt): string => {
	const lines = prompt
		.replace(/:?\s*$/, '')
		.split(/\r?\n/)
		.slice(-mostLines)
		.map(safe);
	return `${kind === 'keyboard-interactive' ? `(${safe(host)}) ` : ''}${lines.join('\n  ')}: `;
};

/** Asks on the terminal for a passphrase or password, without echo. The prompt may come from the server. */
export const askOperator: Prompter = (question, signal) => readLine(questionText(question), true, signal);

/** Asks on the terminal for a line of text; an empty one when none was given, or the signal is aborted meanwhile. */
export const askLine = async (prompt: string, signal: AbortSignal): Promise<string> =>
	(await readLine(prompt, false, signal)) ?? '';
