import { readFileSync } from 'node:fs';
import type { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { BackoutError } from '../../runbook/errors.ts';

/** The proof that a TLS server has to give; all missing: its host name and the system's authorities. */
export interface TlsTrust {
	/** The name that the certificate must have. */
	readonly servername?: string;
	/** PEM: the authorities that are trusted instead of the system's, or the certificate itself. */
	readonly ca?: string;
	/** The SHA-256 fingerprint of the only accepted certificate: 64 hexadecimal digits in capitals. */
	readonly fingerprint?: string;
}

type Create = NonNullable<Parameters<Agent['createConnection']>[1]>;

/**
 * Reads the text of a PEM file. Throws a BackoutError (`unreachable`: nothing is known about the endpoint) that says why it cannot be read.
 */
export const readAuthorities = (path: string): string => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : message;
		throw new BackoutError('unreachable', `cannot read the certificates in ${path}: ${why}`);
	}
};

const withColons = (digits: string): string => digits.replace(/..(?=.)/g, '$&:');

/** @returns why a connection after its handshake is not to the pinned certificate; undefined when it is */
const otherCertificate = (socket: TLSSocket, fingerprint: string): BackoutError | undefined => {
	// Typed as always present, but missing without a certificate.
	const shown = (socket.getPeerCertificate().fingerprint256 as string | undefined)?.replaceAll(':', '');
	return shown === fingerprint
		? undefined
		: new BackoutError(
				'failed',
				shown === undefined
					? 'it shows no certificate'
					: `its certificate is another one than the pinned: ${withColons(shown)}`,
			);
};

/** TLS inside the connections of another agent, or in its own. */
class TunnelAgent extends Agent {
	readonly #inner: HttpAgent | undefined;
	readonly #trust: TlsTrust;

	constructor(inner: HttpAgent | undefined, trust: TlsTrust) {
		// A resumed session shows no certificate.
		super({ keepAlive: true, maxSockets: 4, ...(trust.fingerprint !== undefined && { maxCachedSessions: 0 }) });
		this.#inner = inner;
		this.#trust = trust;
	}

	override createConnection(options: Parameters<Agent['createConnection']>[0], created?: Create): Duplex | undefined {
		const { servername, ca, fingerprint } = this.#trust;
		const socket = this.#inner?.createConnection(options) as Duplex | undefined;
		const secured = connect({
			...(options as ConnectionOptions),
			...(socket !== undefined && { socket }),
			...(servername !== undefined && { servername }),
			...(ca !== undefined && { ca }),
			// The fingerprint is trusted instead.
			...(fingerprint !== undefined && { rejectUnauthorized: false }),
		});
		if (fingerprint === undefined || created === undefined) {
			return secured;
		}
		// Nothing is sent, least of all a header with a password, before the server is verified.
		const failed = (error: Error) => created(error, secured);
		secured.once('error', failed);
		secured.once('secureConnect', () => {
			secured.off('error', failed);
			const other = otherCertificate(secured, fingerprint);
			if (other !== undefined) {
				secured.destroy();
				created(other, secured);
				return;
			}
			created(null, secured);
		});
		return undefined;
	}
}

/** Agents by their settings, kept so that their connections are reused. */
const tunnels = new WeakMap<object, Map<string, Agent>>();

/**
 * Returns the agent for HTTPS with its own proof, inside the connections of another agent.
 *
 * @param owner agents of the same owner and trust are the same
 * @param inner undefined: connections of this machine
 */
export const tunnelOf = (owner: object, inner: HttpAgent | undefined, trust: TlsTrust): Agent => {
	const own = tunnels.get(owner) ?? new Map<string, Agent>();
	tunnels.set(owner, own);
	const key = JSON.stringify([inner === undefined, trust.servername, trust.ca, trust.fingerprint]);
	const tunnel = own.get(key) ?? new TunnelAgent(inner, trust);
	own.set(key, tunnel);
	return tunnel;
};
