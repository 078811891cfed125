import { Readable, Writable } from 'node:stream';
import { BackoutError } from '../../runbook/errors.ts';
import type { ExecEnd, HostProcess } from '../host/host.ts';
import type { Pipe } from '../host/pipe-socket.ts';
import { sleep } from '../host/sleep.ts';
import type { Connection } from './connection.ts';
import type { ChannelCallback, PtyOptions, SshChannel } from './ssh-client.ts';

const codes: readonly (readonly [RegExp, string])[] = [
	[/connection refused/i, 'ECONNREFUSED'],
	[/timed out/i, 'ETIMEDOUT'],
	[/no route/i, 'EHOSTUNREACH'],
	[/name or service|unknown host|bad address|not known/i, 'ENOTFOUND'],
	[/no such file/i, 'ENOENT'],
	[/permission denied/i, 'EACCES'],
];

/** Returns the code that net.Socket would give for a failure to connect, from a program's words about it; undefined if they do not tell. */
export const codeOfFailure = (words: string): string | undefined => codes.find(([pattern]) => pattern.test(words))?.[1];

/** True if the server forbids channels of this kind, or does not know them (RFC 4254, 5.1). */
export const isForbidden = (error: unknown): boolean => [1, 3].includes((error as { reason?: number }).reason ?? 0);

/** True if the server may forbid them: of a socket, and before version 7.7 of a port, OpenSSH says only that the open failed. */
export const mayBeForbidden = (error: unknown): boolean => {
	const { reason, message = '' } = error as { reason?: unknown; message?: string };
	return isForbidden(error) || (reason === 2 && /open failed$/.test(message));
};

/** True for an SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1) without a reason: some servers send that when nothing listens on the port. */
const isBareRefusal = (error: Error): boolean =>
	(error as { reason?: unknown }).reason === 2 && /failure:\s*$/.test(error.message);

/** Adds the code that a net.Socket would give to the error of a channel that was not opened. */
const channelError = (error: Error): Error => {
	const code = isBareRefusal(error) ? 'ECONNREFUSED' : codeOfFailure(error.message);
	return Object.assign(error, { code: (error as NodeJS.ErrnoException).code ?? code ?? 'ECONNABORTED' });
};

const open = (
	start: (callback: (error: Error | undefined, channel: SshChannel) => void) => void,
): Promise<SshChannel> =>
	new Promise((resolve, reject) => {
		// A client that has just died throws here instead of calling back.
		try {
			start((error, channel) => {
				if (error) {
					reject(error);
				} else {
					resolve(channel);
				}
			});
		} catch (error) {
			reject(error);
		}
	});

const asPipe = (connection: Connection, channel: SshChannel, signal: AbortSignal): Pipe => {
	if (signal.aborted) {
		channel.close();
		throw signal.reason;
	}
	channel.stderr?.resume();
	let closedByUs = false;
	return {
		readable: channel,
		writable: channel,
		close: () => {
			closedByUs = true;
			channel.close();
			// A channel that is not read to its end never emits `close`.
			channel.resume();
		},
		over: new Promise((resolve) => {
			channel.once('close', () => {
				// ssh2 ends the channels of a dead connection in the same way as those that the server ended.
				const cut = !closedByUs && !connection.alive();
				resolve(cut ? Object.assign(new Error('the link was lost'), { code: 'ECONNRESET' }) : undefined);
			});
		}),
	};
};

/** Opens a TCP connection from the host. Rejects with an error that has the code of a net.Socket, or with the signal's reason. */
export const forwardTcp = async (
	connection: Connection,
	host: string,
	port: number,
	signal: AbortSignal,
): Promise<Pipe> => {
	const channel = await open((callback) => connection.client.forwardOut('127.0.0.1', 0, host, port, callback)).catch(
		(error) => {
			throw channelError(error);
		},
	);
	return asPipe(connection, channel, signal);
};

/** Opens a connection to a Unix socket on the host. Rejects as `forwardTcp` does. */
export const forwardSocket = async (connection: Connection, path: string, signal: AbortSignal): Promise<Pipe> => {
	const channel = await open((callback) => connection.client.openssh_forwardOutStreamLocal(path, callback)).catch(
		(error) => {
			throw channelError(error);
		},
	);
	return asPipe(connection, channel, signal);
};

const isOpenFailure = (error: unknown): boolean => {
	const { reason } = error as { reason?: unknown };
	return typeof reason === 'number';
};

// True for ssh2's error when the request to run the command was sent and not granted.
const asked = (error: unknown): boolean => (error as Error).message === 'Unable to exec';

/** A command in a session. */
export interface SessionProcess extends HostProcess {
	/** Tells the command the new size of its terminal, in cells. */
	resize(columns: number, rows: number): void;
}

/** Returns a command that is lost with its connection: it has no output, and its end is unknown. */
const lostProcess = (): SessionProcess => ({
	resize: () => {},
	stdin: new Writable({ write: (_chunk, _encoding, done) => done() }),
	stdout: Readable.from([]),
	stderr: Readable.from([]),
	end: Promise.resolve({ code: undefined, lost: true }),
	close: () => {},
});

/** Lets a command give up its session for others if the server allows only a few. */
export interface GivesWay {
	/** Returns the start of its current use, ms by `performance.now()`; undefined while it is kept for a later use. */
	readonly busySince: () => number | undefined;
	/** True: its caller is told that the command was lost, not that it was closed. */
	readonly isLost: boolean;
	/** Called just before the session is given up. */
	readonly onGive?: () => void;
}

const retrySessionMs = 250;
const retrySessionTimes = 40;

/**
 * Starts a command in a session of its own, and waits until one is free. If the server refuses a session (MaxSessions), fewer are used from
 * then on. sshd frees a session only when its command has ended; so a refusal while none of ours is open is retried for ten seconds. If the
 * link is lost, this throws if the command certainly did not start, and returns a lost command if it may have started. Throws a
 * BackoutError `unreachable` if the server starts no command or gives no terminal, and the signal's reason when aborted.
 */
export const startSession = async (
	connection: Connection,
	command: string,
	options: {
		long: boolean;
		signal: AbortSignal;
		goesOn: boolean;
		host: string;
		givesWay?: GivesWay | undefined;
		/** Gives the command a terminal. */
		pty?: PtyOptions;
	},
): Promise<SessionProcess> => {
	const { client, sessions } = connection;
	const { long, signal, goesOn, host, givesWay, pty } = options;
	for (let attempt = 1; ; attempt++) {
		const { release, giveUp, mayYield } = await sessions.acquire(long, signal);
		try {
			let exit: Exit | undefined;
			const channel = await open((callback) => {
				const started: ChannelCallback = (error, opened) => {
					// Registered here, not after the await: a short command may end in the packet in which it starts.
					opened?.on('exit', (code: number | null, name?: string) => {
						exit = { code: code ?? undefined, ...(name ? { signal: name } : {}) };
					});
					callback(error, opened);
				};
				return pty === undefined ? client.exec(command, started) : client.exec(command, { pty }, started);
			});
			if (signal.aborted) {
				channel.once('close', release).resume();
				letGo(channel, goesOn);
				giveUp();
				throw signal.reason;
			}
			const running = asProcess(channel, { exited: () => exit, release, giveUp, signal, goesOn });
			if (givesWay !== undefined) {
				const { busySince, isLost, onGive } = givesWay;
				mayYield({
					busySince,
					close: () => {
						onGive?.();
						running.leave(isLost);
					},
				});
			}
			return running;
		} catch (error) {
			if (signal.aborted) {
				release();
				throw signal.reason;
			}
			if (!connection.alive()) {
				release();
				// The host was asked to run it, and did not answer any more: it may have started. Otherwise nothing was asked.
				if (asked(error)) {
					return lostProcess();
				}
				throw error;
			}
			if ((error as Error).message === 'Unable to request a pseudo-terminal') {
				release();
				throw new BackoutError('unreachable', 'the SSH server gives no terminal', {
					host,
					next: 'PermitTTY in its sshd_config, or no-pty in authorized_keys, forbids it.',
					cause: error,
				});
			}
			const shared = isOpenFailure(error) && sessions.refused();
			release();
			if (shared) {
				continue;
			}
			if (!isOpenFailure(error) || attempt >= retrySessionTimes) {
				throw new BackoutError('unreachable', `the host does not start a command: ${(error as Error).message}`, {
					host,
					next: 'Is the session limit of sshd (MaxSessions) used up, or is this account not allowed to run commands?',
					cause: error,
				});
			}
			await sleep(retrySessionMs, signal);
		}
	}
};

/**
 * Closes a channel, and hangs up its command unless that is to keep running. sshd passes the signal to everything that the command runs,
 * unless a command is forced on the key (sshd(8), command=).
 */
const letGo = (channel: SshChannel, goesOn: boolean): void => {
	if (!goesOn) {
		channel.signal('HUP');
	}
	channel.close();
};

interface Exit {
	readonly code: number | undefined;
	readonly signal?: string;
}

const asProcess = (
	channel: SshChannel,
	use: {
		exited: () => Exit | undefined;
		release: () => void;
		giveUp: () => void;
		signal: AbortSignal;
		goesOn: boolean;
	},
): SessionProcess & { leave(isLost: boolean): void } => {
	const { exited, release, giveUp, signal, goesOn } = use;
	const end = Promise.withResolvers<ExecEnd>();
	let closedByUs = false;
	const leave = (isLost: boolean) => {
		if (closedByUs) {
			return;
		}
		closedByUs = true;
		letGo(channel, goesOn);
		// Output that is left unread would keep the channel from closing.
		channel.resume();
		channel.stderr.resume();
		// sshd answers only when the command has ended, which may never happen.
		giveUp();
		end.resolve({ code: undefined, lost: isLost });
	};
	const close = () => leave(false);
	channel.on('error', () => {});
	channel.once('close', () => {
		signal.removeEventListener('abort', close);
		release();
		const exit = exited();
		end.resolve(exit ? { ...exit, lost: false } : { code: undefined, lost: true });
	});
	signal.addEventListener('abort', close, { once: true });
	const resize = (columns: number, rows: number) => channel.setWindow(rows, columns, 0, 0);
	return { stdin: channel, stdout: channel, stderr: channel.stderr, end: end.promise, close, leave, resize };
};
