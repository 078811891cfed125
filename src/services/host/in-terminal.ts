import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import type { ExecEnd, HostProcess } from './host.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Makes nobody read a terminal, whatever read it before: somebody else may from now on. It is not raw then. */
export const stopReading = async (input: LentTerminal['input']): Promise<void> => {
	// Only a stream that has flowed stops its reading when it is paused, and a turn later.
	input.resume();
	await nextTurn();
	input.pause();
	await nextTurn();
	input.setRawMode(false);
};

/**
 * Gives a command that has a terminal on the host the terminal of this machine, until it ends: each byte that is typed goes there, and each
 * that it prints comes here.
 */
export const copyTerminal = async (
	running: HostProcess & { resize(columns: number, rows: number): void },
	{ input, output, size, onResize }: LentTerminal,
): Promise<ExecEnd> => {
	const { stdin, stdout, stderr } = running;
	// A character for each byte: what is typed need not be UTF-8, and a reader before us may have cut characters.
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
	// A terminal that is gone takes the command with it, instead of leaving it there.
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
