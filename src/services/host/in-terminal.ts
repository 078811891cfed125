import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import type { ExecEnd, HostProcess } from './host.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Stops all reading of a terminal, whatever read it before, so that somebody else can read it. Afterwards it is not raw. */
export const stopReading = async (input: LentTerminal['input']): Promise<void> => {
	// Pausing stops only a stream that has flowed, and only one turn later.
	input.resume();
	await nextTurn();
	input.pause();
	await nextTurn();
	input.setRawMode(false);
};

/**
 * Gives the terminal of this machine to a command that has a terminal on the host: every byte that is typed goes there, and every byte that
 * it prints comes here. Resolves to the way the command ended.
 */
export const copyTerminal = async (
	running: HostProcess & { resize(columns: number, rows: number): void },
	{ input, output, size, onResize }: LentTerminal,
): Promise<ExecEnd> => {
	const { stdin, stdout, stderr } = running;
	// latin1 keeps each byte as one character: typed text need not be UTF-8, and an earlier reader may have cut a character.
	input.setEncoding('latin1');
	input.setRawMode(true);
	const typed = (text: string) => {
		if (!stdin.write(Buffer.from(text, 'latin1'))) {
			input.pause();
			stdin.once('drain', () => input.resume());
		}
	};
	const more = () => stdout.resume();
	stdin.on('error', () => {});
	stdout.on('data', (bytes: Buffer) => {
		if (!output.write(bytes)) {
			stdout.pause();
		}
	});
	output.on('drain', more);
	stderr.on('data', (bytes: Buffer) => output.write(bytes));
	const endResizing = onResize(() => {
		const { columns, rows } = size();
		running.resize(columns, rows);
	});
	// A command whose terminal is gone is closed, instead of being left on the host.
	const gone = () => running.close();
	input.on('data', typed).once('end', gone);
	input.resume();
	try {
		return await running.end;
	} finally {
		endResizing();
		input.off('data', typed).off('end', gone);
		output.off('drain', more);
		await stopReading(input);
	}
};
