import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { AuthPrompt, Prompter } from '../services/ssh/auth-prompt.ts';
import { harmless, safe } from './print.ts';

/** Time for which keys that were typed before a question are read and discarded, ms. */
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
	// Only in raw mode does the terminal deliver an unfinished line, and it does not echo it then.
	stdin.setRawMode(true);
	stdin.on('data', discard);
	await setTimeout(discardMs);
	stdin.off('data', discard);
	stdin.pause();
};

/** Returns a line; undefined when the input was ended (ctrl-d), ctrl-c was typed, or the caller no longer waits for the answer. */
const readLine = async (prompt: string, hidden: boolean, signal?: AbortSignal): Promise<string | undefined> => {
	await discardTyped();
	// readline echoes to its output, which is discarded for a hidden answer.
	const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
	const text = harmless(prompt);
	const lastLine = text.lastIndexOf('\n') + 1;
	const lines = createInterface({
		input: process.stdin,
		output: hidden ? nowhere : process.stderr,
		terminal: true,
		// readline draws this line again, after Backspace, a new width and ctrl-z.
		prompt: text.slice(lastLine),
	});
	// Printed only now: whoever sees it types without echo.
	process.stderr.write(hidden ? text : text.slice(0, lastLine));
	lines.prompt();
	const ended = Promise.withResolvers<undefined>();
	lines.once('close', () => ended.resolve(undefined));
	lines.once('SIGINT', () => {
		// The terminal is in raw mode, so ctrl-c sends no signal: do what it does elsewhere, before the missing answer is taken for a
		// refusal.
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

/** Maximum number of lines of a question: the last ones, which contain the question itself. */
const mostLines = 24;

/** Returns the text of a question; if the server worded it, it says so. Each line is sanitised by itself. */
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

/** Asks on the terminal for a line of text; empty when none was given, or the signal is aborted meanwhile. */
export const askLine = async (prompt: string, signal: AbortSignal): Promise<string> =>
	(await readLine(prompt, false, signal)) ?? '';

/** Asks one question at a time, whoever asks. */
export const inTurn = (ask: Prompter): Prompter => {
	let last: Promise<unknown> = Promise.resolve();
	return (question, signal) => {
		const answer = last.then(() => (signal?.aborted === true ? undefined : ask(question, signal)));
		last = answer.catch(() => {});
		return answer;
	};
};
