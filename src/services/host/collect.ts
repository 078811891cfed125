import type { Readable } from 'node:stream';
import { BackoutError } from '../../runbook/errors.ts';
import type { LinkState } from '../../runbook/link.ts';
import { slowLogin, slowLoginNext } from '../../runbook/slow-login.ts';
import { defaultTimeoutMs, type ExecOptions, type ExecResult, type Host, type HostProcess } from './host.ts';
import type { LoginTime } from './login-time.ts';

export const defaultMaxBytes = 4 * 1024 * 1024;

const gather = (stream: Readable, maxBytes: number): { bytes(): Buffer; truncated(): boolean } => {
	const chunks: Buffer[] = [];
	let size = 0;
	let truncated = false;
	stream.on('data', (chunk: Buffer) => {
		const room = maxBytes - size;
		if (chunk.length > room) {
			truncated = true;
		}
		if (room > 0) {
			chunks.push(chunk.subarray(0, room));
			size += Math.min(chunk.length, room);
		}
	});
	return { bytes: () => Buffer.concat(chunks), truncated: () => truncated };
};

/** Returns the error of a command that waited for a session while the server allows no more; undefined if it waited for another reason. */
const noSession = (host: string, time: string, status: LinkState['status'], limit: number | undefined) =>
	status !== 'up' || limit === undefined
		? undefined
		: new BackoutError(
				'unreachable',
				`no session was free within ${time}: the server allows ${limit === 1 ? 'one' : limit} at once (MaxSessions)`,
				{ host, next: "Raise MaxSessions in the host's sshd_config; 10 is its default." },
			);

export interface ExecuteHooks {
	/** Returns the number of sessions that the server allows, if that may be why a command waits. */
	readonly sessionLimit?: () => number | undefined;
	/** Returns the time that a login takes on the connection that is up. */
	readonly login?: () => LoginTime | undefined;
}

/** Returns the error of a command that started and did not end in time; `slowMs` is how long a login takes, if that is long. */
export const tooSlow = (host: string, time: string, slowMs?: number): BackoutError =>
	new BackoutError('unreachable', `the host took longer than ${time} to answer`, {
		host,
		next:
			slowMs === undefined
				? 'The link is up: check the load of the host, and whether its disk responds.'
				: `The link is up; ${slowLogin(slowMs)}. ${slowLoginNext}`,
	});

/**
 * Runs a command to its end with a host's `spawn`. The timeout counts from the call: waiting for the link and for a free session is part of
 * it; the time that the login's startup files take, as far as it is known, is not. Rejects with the signal's reason when aborted, and with
 * a BackoutError: `unreachable` if the time was up while the link was down, `failed` if the command took too long.
 */
export const execute = async (
	host: Pick<Host, 'name' | 'link'>,
	spawn: (signal: AbortSignal) => Promise<HostProcess>,
	options: ExecOptions,
	{ sessionLimit = () => undefined, login }: ExecuteHooks = {},
): Promise<ExecResult> => {
	const { signal, input, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes } = options;
	signal?.throwIfAborted();
	const deadline = new AbortController();
	let started = false;
	let given = 0;
	const expire = () => {
		const link = host.link.get();
		const extra = started && link.status === 'up' ? (login?.()?.extraFor(timeoutMs) ?? 0) : 0;
		if (extra > given) {
			timer = setTimeout(expire, extra - given);
			given = extra;
			return;
		}
		const time = `${Math.round((timeoutMs + given) / 100) / 10} s`;
		const down = link.status === 'up' ? '' : `, the link is ${link.status}${link.reason ? `: ${link.reason}` : ''}`;
		deadline.abort(
			started && link.status === 'up'
				? tooSlow(host.name, time, login?.()?.slowMs)
				: (noSession(host.name, time, link.status, sessionLimit()) ??
						new BackoutError('unreachable', `no answer within ${time}${down}`, {
							host: host.name,
							next: link.next ?? 'backout tries again when the link is back.',
						})),
		);
	};
	let timer = setTimeout(expire, timeoutMs);
	const stop = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
	try {
		const running = await spawn(stop);
		started = true;
		const startedAt = performance.now();
		const heard = () => login?.()?.note(performance.now() - startedAt);
		running.stdout.once('data', heard);
		running.stderr.once('data', heard);
		const stdout = gather(running.stdout, maxBytes);
		const stderr = gather(running.stderr, maxBytes);
		running.stdin.on('error', () => {
			// The command closed its input early; the way it ended says more.
		});
		running.stdin.end(input ?? '');
		const end = await running.end;
		stop.throwIfAborted();
		heard();
		return {
			...end,
			stdout: stdout.bytes(),
			stderr: stderr.bytes(),
			truncated: stdout.truncated() || stderr.truncated(),
		};
	} finally {
		clearTimeout(timer);
	}
};
