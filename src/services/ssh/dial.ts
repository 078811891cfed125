import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client, ClientErrorExtensions } from 'ssh2';
import type { BackoutError } from '../../runbook/errors.ts';
import { createAuthentication } from './auth.ts';
import type { Credentials } from './auth-progress.ts';
import type { Prompter } from './auth-prompt.ts';
import { corkWrites } from './cork-writes.ts';
import { droppedEarly, isPenalised, unreachable } from './errors.ts';
import { type HostKeyVerifier, loadHostKeyVerifier } from './host-key-verifier.ts';
import { address, type Route, type SshSettings } from './settings.ts';
import type { SshClient } from './ssh-client.ts';
import type { Ssh2 } from './ssh2.ts';

const handshakeSeconds = 15;

/** An authenticated connection with a server, and its transport. */
export interface Dialled {
	readonly client: SshClient;
	/** The stream of the client: a socket, or a channel through the jump host. */
	readonly stream: Duplex;
	/** The TCP socket that carries everything. */
	readonly socket: Socket;
	/** Asks the server for a sign of life, and calls back when it arrives. Throws on a connection that is gone. */
	ping(answered: () => void): void;
	/**
	 * Returns the number of channels that may still be refused before the connection has to be made again; undefined if that does not
	 * matter.
	 */
	readonly refusalsLeft?: () => number;
	/** Closes everything at once. */
	destroy(): void;
	/** Closes it when everything sent has arrived, and waits for its end; undefined if closing at once does that. */
	readonly finish?: () => Promise<void>;
}

/** A connection made by ssh2, through which the next server can be reached. */
interface DialledHop extends Dialled {
	readonly client: Client;
}

export interface DialContext {
	readonly ssh2: Ssh2;
	readonly credentials: Credentials;
	readonly ask?: Prompter;
	readonly signal: AbortSignal;
}

const connectTcp = (settings: SshSettings, signal: AbortSignal): Promise<Socket> =>
	new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const socket = connect({ host: settings.hostname, port: settings.port, family: settings.family, noDelay: true });
		const settle = (error?: unknown) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
			socket.removeAllListeners('connect').removeAllListeners('error');
			// A late error of an abandoned socket must not end the program.
			socket.on('error', () => {});
			if (error === undefined) {
				corkWrites(socket);
				resolve(socket);
			} else {
				socket.destroy();
				reject(signal.aborted ? signal.reason : unreachable(settings, error));
			}
		};
		const abort = () => settle(signal.reason);
		const timeout = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
		const timer = setTimeout(() => settle(timeout), settings.connectTimeoutMs);
		signal.addEventListener('abort', abort, { once: true });
		socket.once('connect', () => settle()).once('error', settle);
	});

const connectThrough = (jump: DialledHop, via: SshSettings, settings: SshSettings): Promise<Duplex> =>
	new Promise((resolve, reject) => {
		const fail = (error: Error) => {
			const why = new Error(`the jump host ${address(via)} cannot reach it: ${error.message}`);
			reject(unreachable(settings, why));
		};
		try {
			jump.client.forwardOut('127.0.0.1', 0, settings.hostname, settings.port, (error, channel) =>
				error ? fail(error) : resolve(channel),
			);
		} catch (error) {
			fail(error as Error);
		}
	});

/** Text from a server, up to the identification that begins the protocol (RFC 4253, 4.2). */
interface Heard {
	readonly said: string;
	readonly named: boolean;
}

const hearName = (stream: Duplex): Heard => {
	let said = '';
	let named = false;
	const listen = (bytes: Buffer) => {
		said = `${said}${bytes.toString('latin1')}`.slice(0, 1000);
		named = /^SSH-/m.test(said);
		if (named) {
			stream.off('data', listen);
		}
	};
	stream.on('data', listen);
	return {
		get said() {
			return said;
		},
		get named() {
			return named;
		},
	};
};

const isDropped = ({ said, named }: Heard, { code }: NodeJS.ErrnoException): boolean =>
	!named && (/MaxStartups/.test(said) || isPenalised(said) || code === 'ECONNRESET');

const handshake = (
	stream: Duplex,
	settings: SshSettings,
	trust: HostKeyVerifier,
	context: DialContext,
): Promise<Client> => {
	const { ssh2, signal } = context;
	const over = new AbortController();
	const authentication = createAuthentication(ssh2, settings, context.credentials, context.ask, over.signal);
	const client = new ssh2.Client();
	return new Promise<Client>((resolve, reject) => {
		let settled = false;
		let verdict: BackoutError | undefined;
		let exhausted = false;
		let authenticating = false;
		let seconds = 0;
		const heard = hearName(stream);

		const settle = (error?: unknown) => {
			if (settled) {
				return;
			}
			settled = true;
			over.abort();
			clearInterval(timer);
			signal.removeEventListener('abort', abort);
			if (error === undefined) {
				resolve(client);
			} else {
				stream.destroy();
				reject(error);
			}
		};
		const abort = () => settle(signal.reason);
		const timer = setInterval(() => {
			seconds += authentication.asking ? 0 : 1;
			if (seconds >= handshakeSeconds) {
				const phase = authenticating ? 'it stopped answering during the login' : 'it does not speak SSH';
				settle(unreachable(settings, new Error(`${phase}: no progress in ${handshakeSeconds} s`)));
			}
		}, 1000);
		signal.addEventListener('abort', abort, { once: true });

		client.on('ready', () => settle());
		client.on('close', () =>
			settle(
				heard.named
					? unreachable(settings, new Error('it closed the connection before the login was complete'))
					: droppedEarly(settings, heard.said),
			),
		);
		client.on('error', (error: Error & ClientErrorExtensions) => {
			if (verdict) {
				settle(verdict);
			} else if (exhausted) {
				settle(authentication.error());
			} else if (error.level === 'agent' || error.level === 'client-authentication') {
				// The client continues with the next method.
				authentication.note(error.message);
			} else if (authenticating && /authentication fail/i.test(error.message)) {
				settle(authentication.error(error.message));
			} else if (isDropped(heard, error)) {
				settle(droppedEarly(settings, heard.said));
			} else {
				settle(unreachable(settings, error));
			}
		});
		client.on('handshake', () => {
			authenticating = true;
			seconds = 0;
		});

		client.connect({
			sock: stream as never,
			username: settings.user,
			algorithms: { serverHostKey: trust.algorithms },
			// Only exactly `false` rejects a key, so this returns nothing but a boolean.
			hostVerifier: (key: Buffer): boolean => {
				verdict = trust.judge(key);
				return verdict === undefined;
			},
			authHandler: ((left: never, _partial: unknown, next: (method: unknown) => void) => {
				const go = (method: unknown) => {
					seconds = 0;
					exhausted = method === false;
					if (!settled) {
						next(method);
					}
				};
				authentication.next(left).then(go, (error) => settle(error));
				// Undefined tells ssh2 that the method comes through `next`.
				return undefined;
			}) as never,
			// Our own timeout applies, which does not run while the operator is being asked.
			readyTimeout: 0,
			// Our own heartbeat applies: ssh2's ends slow connections that work.
			keepaliveInterval: 0,
			// Servers other than OpenSSH know its extensions too.
			strictVendor: false,
		});
	});
};

/**
 * Connects to every server of a route in turn, and verifies each one's host key before anything is sent to it. Throws a BackoutError:
 * `unreachable` for the network, `untrusted` for keys and logins, `config` for unreadable files.
 */
export const dial = async (route: Route, context: DialContext): Promise<Dialled> => {
	let jump: DialledHop | undefined;
	let via: SshSettings | undefined;
	let socket: Socket | undefined;
	try {
		for (const settings of route) {
			// Read before connecting: nobody would notice a server that closes the connection meanwhile.
			const trust = await loadHostKeyVerifier(settings);
			const stream: Duplex | Socket =
				jump && via ? await connectThrough(jump, via, settings) : await connectTcp(settings, context.signal);
			socket ??= stream as Socket;
			const client = await handshake(stream, settings, trust, context);
			const own = socket;
			jump = {
				client,
				stream,
				socket: own,
				// Cancels a forwarding that does not exist: this changes nothing, and every server must respond (RFC 4254, 4 and 7.1).
				ping: (answered) => client.unforwardIn('127.0.0.1', 0, answered),
				destroy: () => own.destroy(),
			};
			via = settings;
		}
	} catch (error) {
		socket?.destroy();
		throw error;
	}
	if (!jump) {
		throw new TypeError('a route has at least one server');
	}
	return jump;
};
