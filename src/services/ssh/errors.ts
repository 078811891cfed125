import { BackoutError } from '../../runbook/errors.ts';
import { address, type SshSettings } from './settings.ts';

/** A refusal by ssh2 of what the system's OpenSSH can do. */
export class BeyondSsh2 extends BackoutError {
	/** What it is, as the end of "because of …". */
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
 * A server closed the connection before the login began. OpenSSH does that at random to some of those who come while many others have not
 * logged in yet (MaxStartups), so another attempt is worth it.
 */
export class DroppedEarly extends BackoutError {}

/** @param said what the server sent in place of its name; newer versions of OpenSSH say why */
export const droppedEarly = (settings: SshSettings, said: string): DroppedEarly => {
	const why = /MaxStartups/.test(said)
		? 'too many others are logging in at this moment (MaxStartups)'
		: 'it closed the connection before the login began';
	return new DroppedEarly('unreachable', `cannot reach ${address(settings)} port ${settings.port}: ${why}`, {
		host: settings.destination,
		next: 'backout tries again. If it lasts: raise MaxStartups in its sshd_config, or look whether it refuses this address (hosts.deny, fail2ban).',
	});
};

/** Whatever a connection failed with, as a BackoutError. */
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

/** Puts a network failure into words. */
export const unreachable = (settings: SshSettings, error: unknown): BackoutError => {
	if (error instanceof BackoutError) {
		return error;
	}
	const { code, message } = error as NodeJS.ErrnoException;
	// Several addresses of one name fail together (RFC 8305): the first tells enough.
	const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : undefined;
	const [why, next] = reasons[code ?? inner?.code ?? ''] ?? [message || code || 'unknown failure', undefined];
	const notes = settings.notes.map((note) => ` (${note})`).join('');
	return new BackoutError('unreachable', `cannot reach ${address(settings)} port ${settings.port}: ${why}${notes}`, {
		host: settings.destination,
		next: next ?? 'Is the host up, and is the port that of an SSH server?',
		cause: error,
	});
};
