import { BackoutError } from '../../runbook/errors.ts';
import type { HostProcess } from '../host/host.ts';
import { processPipe } from '../host/pipe-agent.ts';
import type { Pipe } from '../host/pipe-socket.ts';
import { createMarkFilter, newMark, shellProgram } from '../host/shell-program.ts';
import { codeOfFailure } from './channels.ts';
import relay from './relay.sh';

/** The destination of a connection from the host. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** A connection that a program on the host makes. */
export interface Relayed {
	readonly pipe: Pipe;
	/** The program's name; undefined when the host has none, and `pipe` ends with an error. */
	readonly program: string | undefined;
}

/** Waits for the line after the mark; the bytes after it are read next. Returns undefined if the shell ended before. */
const programOf = (running: HostProcess, mark: string): Promise<string | undefined> =>
	new Promise((resolve) => {
		const filter = createMarkFilter(mark);
		let early = Buffer.alloc(0);
		const take = (piece: Buffer) => {
			early = Buffer.concat([early, filter(piece) ?? Buffer.alloc(0)]);
			const end = early.indexOf('\n');
			if (end >= 0) {
				running.stdout.off('data', take).pause();
				const rest = early.subarray(end + 1);
				if (rest.length > 0) {
					running.stdout.unshift(rest);
				}
				resolve(early.toString('utf8', 0, end));
			}
		};
		running.stdout.on('data', take).resume();
		running.stdout.once('end', () => resolve(undefined));
		void running.end.then(() => resolve(undefined));
	});

/** Adds the code that a net.Socket would give: from the program's message or, without one, from whether anything came. */
const withCode = (error: Error, program: string | undefined, came: boolean): Error => {
	// The loss of the link says nothing about the endpoint.
	if (error instanceof BackoutError || !error.message.startsWith('the command ended with')) {
		return error;
	}
	if (program === undefined) {
		return Object.assign(error, { code: 'ECONNABORTED' });
	}
	// The last message of bash for a host name that it cannot resolve.
	const code = /\/dev\/tcp\/.*: Invalid argument$/.test(error.message) ? 'ENOTFOUND' : codeOfFailure(error.message);
	return Object.assign(error, { code: code ?? (came ? 'ECONNRESET' : 'ECONNREFUSED') });
};

/**
 * Connects the host to an endpoint with a program that is found there (relay.sh), in a shell started by `exec sh -s`. The endpoint learns
 * that everything was sent only when the connection is closed: HTTP and TLS mark the end of a message themselves. Errors have the code that
 * a net.Socket would give, and ECONNABORTED if the host has no such program.
 *
 * @param signal closes the connection while it is being opened
 * @param interrupted returns the reason if we closed the connection while it was in use
 */
export const relayTo = async (
	running: HostProcess,
	to: Endpoint,
	signal: AbortSignal,
	interrupted: () => BackoutError | undefined = () => undefined,
): Promise<Relayed> => {
	const mark = newMark();
	running.stdin.on('error', () => {});
	const where = 'path' in to ? { host: to.path, port: '' } : { host: to.host, port: String(to.port) };
	// Nothing else is sent until the program has started: a shell may read ahead.
	running.stdin.write(shellProgram(mark, where, [relay], { keepInput: true }));
	// Made at once: messages on standard error are lost when the session is over.
	const made = processPipe(running);
	const program = await programOf(running, mark);
	signal.throwIfAborted();
	const pipe = await made;
	let came = false;
	running.stdout.once('data', () => {
		came = true;
	});
	running.stdout.pause();
	return {
		program,
		pipe: {
			...pipe,
			keepsOpen: true,
			connectsLater: true,
			over: pipe.over.then((error) => {
				const why = interrupted() ?? error;
				return why && withCode(why, program, came);
			}),
		},
	};
};
