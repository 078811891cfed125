import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HostProcess } from './host.ts';
import { type OpenPipe, PipeSocket } from './pipe-socket.ts';

/** An http.Agent whose connections are pipes. Kept alive; at most `maxSockets` a host and port. */
export class PipeAgent extends Agent {
	readonly #open: (options: ClientRequestArgs) => OpenPipe;

	constructor(open: (options: ClientRequestArgs) => OpenPipe, options: AgentOptions = {}) {
		super({ keepAlive: true, ...options });
		this.#open = open;
	}

	override createConnection(options: ClientRequestArgs): Duplex {
		return new PipeSocket(this.#open(options));
	}
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Makes a pipe of a running command's standard input and output. What it said on stderr becomes the error. */
export const processPipe = (running: HostProcess): ReturnType<OpenPipe> => {
	let said = '';
	let heard = false;
	running.stdout.once('data', () => {
		heard = true;
	});
	// Added a listener, so it flows from here: stop until the socket has attached its own.
	running.stdout.pause();
	running.stderr.on('data', (chunk: Buffer) => {
		said = (said + chunk.toString('utf8')).slice(-2000);
	});
	const over = running.end.then(({ code, lost }) => {
		if (lost) {
			return Object.assign(new Error('the link was lost'), { code: 'ECONNRESET' });
		}
		if (code === 0 || (heard && code === undefined)) {
			return undefined;
		}
		const why = lastLine(said);
		return Object.assign(new Error(`the command ended with ${code ?? 'no exit code'}${why ? `: ${why}` : ''}`), {
			code: heard ? 'ECONNRESET' : 'ECONNREFUSED',
		});
	});
	return Promise.resolve({
		readable: running.stdout,
		writable: running.stdin,
		close: () => running.close(),
		over,
		endsWhenOver: true,
	});
};
