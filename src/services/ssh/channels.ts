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

/** The code of net.Socket for a failure to connect that is told in words. */
export const codeOfFailure = (words: string): string | undefined => codes.find(([pattern]) => pattern.test(words))?.[1];

/** Whether a server forbids to open a channel of this kind, or does not know it (RFC 4254, 5.1). */
export const isForbidden = (error: unknown): boolean => [1, 3].includes((error as { reason?: number }).reason ?? 0);

/** Whether that may be so: of a socket, and of a port before 7.7, OpenSSH says only that it did not open it. */
export const mayBeForbidden = (error: unknown): boolean => {
	const { reason, message = '' } = error as { reason?: unknown; message?: string };
	return isForbidden(error) || (reason === 2 && /open failed$/.test(message));
};

/** Whether it is an SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1) without a reason, which some servers send when nobody listens there. */
const isBareRefusal = (error: Error): boolean =>
	(error as { reason?: unknown }).reason === 2 && /failure:\s*$/.test(error.message);

/** Why a channel was not opened, with the code a net.Socket would have given. */
const channelError = (error: Error): Error => {
	const code = isBareRefusal(error) ? 'ECONNREFUSED' : codeOfFailure(error.message);
	return Object.assign(error, { code: (error as NodeJS.ErrnoException).code ?? code ?? 'ECONNABORTED' });
};

const open = (
	start: (callback: (error: Error | undefined, channel: SshChannel) => void) => void,
): Promise<SshChannel> =>
	new Promise((resolve, reject) => {
		// On a client that has just died these throw instead of calling back.
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
			// A channel that is not read to its end never says that it is closed.
			channel.resume();
		},
		over: new Promise((resolve) => {
			channel.once('close', () => {
				// ssh2 ends the channels of a dead connection like those the server ended.
				const cut = !closedByUs && !connection.alive();
				resolve(cut ? Object.assign(new Error('the link was lost'), { code: 'ECONNRESET' }) : undefined);
			});
		}),
	};
};

/** Opens a TCP connection from the host. */
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

/** Opens a connection to a Unix socket on the host. */
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

// What ssh2 says when the request to run the command was sent and not granted.
const asked = (error: unknown): boolean => (error as Error).message === 'Unable to exec';

/** A command in a session. */
export interface SessionProcess extends HostProcess {
	/** Says that its terminal has another size. */
	resize(columns: number, rows: number): void;
}

/** A command of which nothing more will be heard. */
const lostProcess = (): SessionProcess => ({
	resize: () => {},
	stdin: new Writable({ write: (_chunk, _encoding, done) => done() }),
	stdout: Readable.from([]),
	stderr: Readable.from([]),
	end: Promise.resolve({ code: undefined, lost: true }),
	close: () => {},
});

/** For a command that gives its session to others, where the server allows few. */
export interface GivesWay {
	/** Since when it has been in use, ms by `performance.now()`; undefined while it is kept for a later use. */
	readonly busySince: () => number | undefined;
	/** Whether whoever started it hears that it was lost, and not that it was closed. */
	readonly isLost: boolean;
	/** Called before it does. */
	readonly onGive?: () => void;
}

const retrySessionMs = 250;
const retrySessionTimes = 40;

/**
 * Starts a command in a session of its own. Waits for a free one; when the server refuses one more (MaxSessions), fewer
 * are used from then on. sshd frees a session only when its command has ended, so a refusal with none of ours open is tried
 * again for ten seconds. When the link is lost, it throws if the command certainly did not start, and gives a lost
 * command if it may have.
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
		/** The command gets a terminal. */
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
					// Here, not after the await: a short command's end may be in the same packet as its beginning.
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
				// Asked to run it, the host did not answer any more: it may have begun. Before that nothing was asked.
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

/** sshd passes the signal on to all that the command runs, unless a command is forced on the key (sshd(8), command=). */
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
		// Otherwise what is left unread keeps the channel from closing.
		channel.resume();
		channel.stderr.resume();
		// sshd answers only when the command has ended, which may be never.
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
