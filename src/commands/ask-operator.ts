import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Ask } from '../services/ssh/ask.ts';
import { safe } from './print.ts';

const readLine = async (prompt: string, hidden: boolean): Promise<string> => {
	process.stderr.write(prompt);
	// readline echoes to its output; a hidden answer goes nowhere.
	const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
	const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
	try {
		return await lines.question('');
	} finally {
		lines.close();
		if (hidden) {
			process.stderr.write('\n');
		}
	}
};

/** Asks on the terminal for a passphrase or password, without echo. The prompt may come from the server. */
export const askOperator: Ask = ({ prompt }) => readLine(`${safe(prompt).replace(/:?\s*$/, '')}: `, true);

/** Asks on the terminal for a line of text. */
export const askLine = (prompt: string): Promise<string> => readLine(prompt, false);
