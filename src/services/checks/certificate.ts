import type { Duplex } from 'node:stream';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { parseAddress } from '../../runbook/address.ts';
import { describeFailure } from '../host/network-errors.ts';
import { openConnection } from '../host/open-connection.ts';
import { localFile } from '../monitors/local-values.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { checkConnection } from './failed-outcome.ts';
import type { CheckContext, CheckFunction, Outcome } from './outcome.ts';

const dayMs = 86_400_000;

const keys = ({ z, address, through, text, timeLimit }: SchemaParts) => ({
	address: address().describe('HOST:PORT that speaks TLS; an IPv6 address is in brackets'),
	through: through(),
	timeout: timeLimit().prefault('5s').describe('Timeout of the connection and the handshake'),
	name: text()
		.optional()
		.describe('The name that the certificate must be for, and that TLS asks for; default: the host of the address'),
	days: z
		.int()
		.min(0)
		.default(14)
		.describe('For at least so many more days the certificate, and those that it depends on, must be valid'),
	ca: text()
		.optional()
		.describe(
			"A PEM file of this machine with the certificates that are trusted in place of the system's; relative to the config",
		),
});

const build = ({ timeout, ...rest }: Entry<typeof keys>) => ({ ...rest, timeoutMs: timeout });
type CertificateCheck = Built<ReturnType<typeof build>>;

/** Shakes hands inside a connection. Resolves whatever the certificate is worth: it is judged afterwards. */
const secure = async (
	socket: Duplex,
	servername: string,
	ca: string | undefined,
	signal: AbortSignal,
): Promise<TLSSocket> => {
	// Loaded on demand: few runbooks have such a check.
	const [{ connect }, { isIP }] = await Promise.all([import('node:tls'), import('node:net')]);
	return new Promise((resolve, reject) => {
		const secured = connect({
			socket,
			// An IP address is no server name (RFC 6066, 3), but the certificate may be for it.
			...(isIP(servername) === 0 ? { servername } : { host: servername }),
			...(ca !== undefined && { ca }),
			rejectUnauthorized: false,
		});
		const leave = () => fail(signal.reason as Error);
		const fail = (error: Error) => {
			signal.removeEventListener('abort', leave);
			secured.destroy();
			reject(error);
		};
		signal.addEventListener('abort', leave, { once: true });
		secured.on('error', fail);
		secured.once('secureConnect', () => {
			signal.removeEventListener('abort', leave);
			resolve(secured);
		});
	});
};

/** Lists a certificate and the issuers that the server has sent with it; a root is its own issuer. */
const chainOf = (leaf: PeerCertificate): readonly PeerCertificate[] => {
	const chain: PeerCertificate[] = [];
	let next: PeerCertificate | undefined = leaf;
	while (next?.fingerprint256 !== undefined && !chain.some((one) => one.fingerprint256 === next?.fingerprint256)) {
		chain.push(next);
		next = (next as PeerCertificate & { issuerCertificate?: PeerCertificate }).issuerCertificate;
	}
	return chain;
};

const nameOf = ({ subject }: PeerCertificate): string => [subject?.CN, subject?.O].flat().find(Boolean) ?? 'no name';

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Judges the certificate of a finished handshake. */
const judge = (secured: TLSSocket, asked: string, days: number): Outcome => {
	const chain = chainOf(secured.getPeerCertificate(true));
	if (chain.length === 0) {
		return { state: 'failed', reason: 'it shows no certificate', asked, evidence: '' };
	}
	const ends = chain.map((one) => ({ name: nameOf(one), at: Date.parse(one.valid_to) }));
	const evidence = chain
		.map(
			(one, at) =>
				`${nameOf(one)}, valid until ${day(ends[at]?.at ?? 0)}${at === 0 && one.subjectaltname ? `, for ${one.subjectaltname}` : ''}`,
		)
		.join('\n');
	const refused = secured.authorizationError as unknown as { code?: string; message?: string } | string | null;
	if (!secured.authorized && refused) {
		const code = typeof refused === 'string' ? refused : (refused.code ?? refused.message ?? '');
		const why = describeFailure(Object.assign(new Error(code), { code }));
		return { state: 'failed', reason: why, asked, evidence };
	}
	const first = ends.reduce((soonest, one) => (one.at < soonest.at ? one : soonest));
	const left = Math.floor((first.at - Date.now()) / dayMs);
	const whose = first.name === ends[0]?.name ? '' : ` (of its issuer ${first.name})`;
	return left < days
		? {
				state: 'failed',
				reason: `valid for ${left} more days${whose}, less than ${days}: until ${day(first.at)}`,
				asked,
				evidence,
			}
		: { state: 'passed', reason: `valid for ${left} more days${whose}`, asked, evidence };
};

/** Passes when a server's certificate is trusted, for the right name, and valid for long enough. */
export const checkCertificate = (definition: CertificateCheck, { host }: CheckContext): CheckFunction => {
	const { address, through, timeoutMs, days, ca } = definition;
	const target = parseAddress(address);
	const name = definition.name ?? target.host;
	const from = through === 'host' ? ` (on ${host.name})` : '';
	const asked = `openssl s_client -connect ${address} -servername ${name} </dev/null | openssl x509 -noout -dates -ext subjectAltName${from}`;

	const look = async (signal: AbortSignal): Promise<Outcome> => {
		const { readAuthorities } = await import('../monitors/tunnel-agent.ts');
		const trusted = ca === undefined ? undefined : readAuthorities(localFile(ca));
		const socket = await openConnection(host, { ...target, through }, signal);
		try {
			const secured = await secure(socket, name, trusted, signal);
			secured.on('error', () => {});
			try {
				return judge(secured, asked, days);
			} finally {
				secured.destroy();
			}
		} finally {
			socket.destroy();
		}
	};

	return checkConnection(host, { asked, timeoutMs }, look);
};

export const certificate = defineCheckKind({
	about: 'The certificate of a TLS server is trusted, for the right name, and does not expire soon',
	keys,
	build,
	run: (definition, { context }) => checkCertificate(definition, context),
});
