import { BackoutError } from '../../runbook/errors.ts';
import { address, type SshSettings } from './settings.ts';

/** A refusal by ssh2 of what the system's OpenSSH can do. */
export class BeyondSsh2 extends BackoutError {
	/** What ssh2 cannot do, as the end of "because of …". */
	readonly beyond: string;

	constructor(beyond: string, error: BackoutError) {
		super(error.code, error.message, {
			...(error.host !== undefined && { host: error.host }),
			...(error.next !== undefined && { next: error.next }),
			cause: error,
		});
		this.beyond = beyond;
	}
}

/**
 * The error for a server that closed the connection before the login began. OpenSSH does that at random to some new connections while many
 * others have not logged in yet (MaxStartups), and from 9.8 on for a while to an address from which logins have failed (PerSourcePenalties),
 * so another attempt is worthwhile.
 */
export class DroppedEarly extends BackoutError {}

/** True when a server has sent this instead of its identification because of PerSourcePenalties (sshd_config(5)). */
export const isPenalised = (said: string): boolean => /Not allowed at this time/.test(said);

/**
 * Returns that error.
 *
 * @param said the text that the server sent instead of its identification; newer versions of OpenSSH give a reason
 */
export const droppedEarly = (settings: SshSettings, said: string): DroppedEarly => {
	const why = /MaxStartups/.test(said)
		? 'too many others are logging in at this moment (MaxStartups)'
		: isPenalised(said)
			? 'it takes no login from this address for a while, as some have failed (PerSourcePenalties)'
			: 'it closed the connection before the login began';
	return new DroppedEarly('unreachable', `cannot reach ${address(settings)} port ${settings.port}: ${why}`, {
		host: settings.destination,
		next: 'backout tries again. If it lasts: raise MaxStartups in its sshd_config, or look whether it refuses this address (PerSourcePenalties, hosts.deny, fail2ban).',
	});
};

/** Returns any failure to connect as a BackoutError; by default `unreachable`. */
export const connectionFailed = (error: unknown, host: string): BackoutError =>
	error instanceof BackoutError
		? error
		: new BackoutError('unreachable', `the connection failed: ${(error as Error).message}`, { host, cause: error });

const reasons: Readonly<Record<string, readonly [why: string, next: string]>> = {
	ECONNREFUSED: ['connection refused', 'Is the host up, is sshd running, and is the port right?'],
	ETIMEDOUT: ['no answer', 'Is the host up, and is there a firewall or VPN in between?'],
	EHOSTUNREACH: ['no route to host', 'Is this machine online, and is a VPN needed?'],
	ENETUNREACH: ['the network is unreachable', 'Is this machine online?'],
	ENOTFOUND: ['the host name is not known', 'Is the host name right, and is this machine online?'],
	EAI_AGAIN: ['the name server does not answer', 'Is this machine online?'],
	ECONNRESET: ['the connection was reset', 'The host, or something in between, closed it; backout tries again.'],
};

/** Describes a network failure as a BackoutError `unreachable`. Returns any other BackoutError unchanged. */
export const unreachable = (settings: SshSettings, error: unknown): BackoutError => {
	if (error instanceof BackoutError) {
		return error;
	}
	const { code, message } = error as NodeJS.ErrnoException;
	// All addresses of a name failed (RFC 8305): the first error is enough.
	const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : undefined;
	const [why, next] = reasons[code ?? inner?.code ?? ''] ?? [message || code || 'unknown failure', undefined];
	const notes = settings.notes.map((note) => ` (${note})`).join('');
	return new BackoutError('unreachable', `cannot reach ${address(settings)} port ${settings.port}: ${why}${notes}`, {
		host: settings.destination,
		next: next ?? 'Is the host up, and is the port that of an SSH server?',
		cause: error,
	});
};
