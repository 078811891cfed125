import type { Agent, AgentOptions, ClientRequest, ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HostProcess } from './host.ts';
import { type OpenPipe, PipeSocket } from './pipe-socket.ts';

export interface PipeAgentOptions extends AgentOptions {
	/** Time for which an idle connection is kept, ms. Default: as long as the other side keeps it. */
	readonly idleMs?: number;
}

/**
 * An http.Agent whose connections `connect` makes. They are kept alive; at most `maxSockets` per host and port.
 *
 * node:http is loaded when the first one is made: it loads all of undici, which would delay the first frame.
 */
export const createAgent = (
	connect: (options: ClientRequestArgs) => Duplex,
	{ idleMs, ...options }: PipeAgentOptions = {},
): Agent => {
	const http = process.getBuiltinModule('node:http');
	const idle = new WeakMap<Duplex, NodeJS.Timeout>();
	class OwnAgent extends http.Agent {
		override createConnection(wanted: ClientRequestArgs): Duplex {
			return connect(wanted);
		}

		override keepSocketAlive(socket: Duplex): boolean {
			// The types hide that it returns whether the connection is kept.
			const kept = super.keepSocketAlive(socket) as unknown as boolean;
			if (kept && socket instanceof PipeSocket) {
				socket.busySince = undefined;
			}
			if (kept && idleMs !== undefined) {
				idle.set(socket, setTimeout(() => socket.destroy(), idleMs).unref());
			}
			return kept;
		}

		override reuseSocket(socket: Duplex, request: ClientRequest): void {
			clearTimeout(idle.get(socket));
			if (socket instanceof PipeSocket) {
				socket.busySince = performance.now();
			}
			super.reuseSocket(socket, request);
		}
	}
	return new OwnAgent({ keepAlive: true, ...options });
};

/** Names no TLS server: without this, an agent would search for a name at every request. */
const plain = { servername: '' };

/** Creates an http.Agent whose connections are pipes. */
export const createPipeAgent = (
	open: (options: ClientRequestArgs) => OpenPipe,
	options: PipeAgentOptions = {},
): Agent => createAgent((wanted) => new PipeSocket(open(wanted)), { ...plain, ...options });

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Makes a pipe from a running command's standard input and output. Its messages on standard error become the error. */
export const processPipe = (running: HostProcess): ReturnType<OpenPipe> => {
	let said = '';
	let heard = false;
	running.stdout.once('data', () => {
		heard = true;
	});
	// The listener has made it flow, so it is paused until the socket has attached its own.
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
