import { BackoutError } from '../../runbook/errors.ts';

export interface Destination {
	readonly user?: string;
	readonly host: string;
	readonly port?: number;
}

/**
 * Parses `[user@]host[:port]`, `[user@][ipv6]:port` or `ssh://…`. A bare IPv6 address has no port. The user is everything before the
 * last `@`, as in ssh(1). Throws a BackoutError `config` when it cannot be a destination.
 */
export const parseDestination = (text: string): Destination => {
	const bad = (why: string) =>
		new BackoutError('config', `\`${text}\` is not an SSH destination: ${why}`, {
			next: 'Write it as [user@]host[:port], or the name of a Host in ~/.ssh/config.',
		});
	const plain = text
		.trim()
		.replace(/^ssh:\/\//, '')
		.replace(/\/$/, '');
	const at = plain.lastIndexOf('@');
	const user = at < 0 ? undefined : plain.slice(0, at);
	const rest = plain.slice(at + 1);
	const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(rest);
	const colons = rest.split(':').length - 1;
	const [host = '', portText] = bracketed
		? [bracketed[1], bracketed[2]]
		: colons === 1
			? (rest.split(':') as [string, string])
			: [rest, undefined];
	if (user === '') {
		throw bad('the user is empty');
	}
	// ssh(1) refuses these as well: a host that begins like an option would be taken for one.
	if (host === '' || host.startsWith('-') || /[\s'"`$;&|<>\\]/.test(host)) {
		throw bad('the host name is not valid');
	}
	const port = portText === undefined ? undefined : Number(portText);
	if (port !== undefined && !(/^\d+$/.test(portText ?? '') && port > 0 && port < 65_536)) {
		throw bad(`\`${portText}\` is not a port`);
	}
	return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
};
