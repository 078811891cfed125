import { BackoutError } from '../../runbook/errors.ts';
import type { HostProcess } from '../host/host.ts';
import type { OpenPipe, Pipe, PipeUse } from '../host/pipe-socket.ts';
import { forwardSocket, forwardTcp, type GivesWay, isForbidden, mayBeForbidden } from './channels.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './relay.ts';

/** Time that a request by a relay may take beyond that of any use of a session while others wait, ms. */
const longerMs = 5000;

export interface RelaysContext {
	readonly host: string;
	/** Calls `start` with the connection that is up. */
	with<T>(signal: AbortSignal, start: (connection: Connection) => Promise<T>): Promise<T>;
	/** Starts a shell on the host that reads its program from standard input. */
	shell(signal: AbortSignal, givesWay: GivesWay): Promise<HostProcess>;
	/** Returns the number of sessions that the server allows, if it is small. */
	sessionLimit(): number | undefined;
}

/** Connections to ports and sockets of the host: forwarded by the SSH server or, where that forbids it, made by a program there. */
export interface Relays {
	open(to: Endpoint, ...use: Parameters<OpenPipe>): ReturnType<OpenPipe>;
	/** The program that made the last connection to a port; undefined if the server made it. */
	readonly program: string | undefined;
}

const nameOf = (to: Endpoint): string => ('path' in to ? to.path : `${to.host} ${to.port}`);

export const createRelays = (context: RelaysContext): Relays => {
	/** Endpoints that each connection's server is known to forbid: a PermitOpen closes some ports and leaves others. */
	const forbidden = new WeakMap<Connection, Set<string>>();
	let program: string | undefined;

	/** Returns the error of a server that forbids it, instead of a connection. */
	const forward = (to: Endpoint, signal: AbortSignal): Promise<Pipe | Error> =>
		context.with(signal, async (connection) => {
			if (forbidden.get(connection)?.has(nameOf(to))) {
				return new Error('the SSH server forbids it');
			}
			try {
				return 'path' in to
					? await forwardSocket(connection, to.path, signal)
					: await forwardTcp(connection, to.host, to.port, signal);
			} catch (error) {
				if (!mayBeForbidden(error)) {
					throw error;
				}
				if (isForbidden(error)) {
					const known = forbidden.get(connection) ?? new Set();
					forbidden.set(connection, known.add(nameOf(to)));
				}
				return error as Error;
			}
		});

	const gaveWay = (): BackoutError => {
		const limit = context.sessionLimit();
		const why = limit === undefined ? '' : `: the server allows ${limit === 1 ? 'one' : limit} at once (MaxSessions)`;
		return new BackoutError('unreachable', `the request gave its session to a command${why}`, {
			host: context.host,
			next: "Allow forwarding (AllowTcpForwarding), or raise MaxSessions, in the host's sshd_config.",
		});
	};

	const relay = async (to: Endpoint, signal: AbortSignal, use: PipeUse): Promise<Pipe> => {
		let interrupted: BackoutError | undefined;
		const running = await context.shell(signal, {
			busySince: () => use.busySince && use.busySince + longerMs,
			isLost: false,
			onGive: () => {
				// A connection that is kept for the next request just ends, and that request opens another.
				interrupted = use.busySince === undefined ? undefined : gaveWay();
			},
		});
		const { relayTo } = await import('./relay.ts');
		const relayed = await relayTo(running, to, signal, () => interrupted);
		if (!('path' in to)) {
			program = relayed.program ?? program;
		}
		return relayed.pipe;
	};

	return {
		get program() {
			return program;
		},
		open: async (to, signal, use) => {
			const forwarded = await forward(to, signal);
			return forwarded instanceof Error ? relay(to, signal, use) : forwarded;
		},
	};
};
