import type { Duplex } from 'node:stream';
import { parseAddress } from '../../runbook/address.ts';
import { openConnection } from '../host/open-connection.ts';
import { PipeSocket } from '../host/pipe-socket.ts';
import { firstLine } from '../monitors/expectation.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { checkConnection } from './failed-outcome.ts';
import { tcpOnHost } from './on-host.ts';
import type { CheckContext, CheckFunction, Outcome } from './outcome.ts';

/**
 * Time for which a connection has to stay open to prove that a server is there, ms. Docker's port proxy accepts every connection, and closes
 * it only when the container refuses it (moby, cmd/docker-proxy/tcp_proxy_linux.go).
 */
const staysOpenMs = 300;
/** The end of a wait before the timeout of the check, ms. */
const marginMs = 100;
const silent =
	'a program on the host connects, because its SSH server forwards nothing, and the silence of the other side does not show that it has accepted: give the check a greeting';
/** The longest greeting that is read, bytes. */
const greetingBytes = 4096;

const keys = ({ address, through, regex, timeLimit }: SchemaParts) => ({
	address: address().describe('HOST:PORT to connect to; an IPv6 address is in brackets'),
	through: through(),
	timeout: timeLimit().prefault('5s').describe('Timeout of the connection, and of the greeting'),
	greeting: regex('u')
		.optional()
		.describe('A regular expression (JavaScript, flag u) that the first bytes of the server must match'),
});

const build = ({ timeout, ...rest }: Entry<typeof keys>) => ({ ...rest, timeoutMs: timeout });
type TcpCheck = Built<ReturnType<typeof build>>;

/**
 * Reads what the server says first: until it matches, or nothing more can come.
 *
 * @param waitMs time after which silence counts as an answer, ms; undefined: wait for a match
 */
const readGreeting = (
	socket: Duplex,
	greeting: RegExp | undefined,
	waitMs: number | undefined,
	signal: AbortSignal,
): Promise<{ readonly said: Buffer; readonly open: boolean }> =>
	new Promise((resolve, reject) => {
		let said: Buffer = Buffer.alloc(0);
		const end = (act: () => void) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', leave);
			act();
		};
		const answer = (open: boolean) => end(() => resolve({ said, open }));
		const leave = () => end(() => reject(signal.reason));
		const timer = waitMs === undefined ? undefined : setTimeout(() => answer(true), waitMs);
		signal.addEventListener('abort', leave, { once: true });
		socket.on('data', (chunk: Buffer) => {
			said = Buffer.concat([said, chunk]);
			if (greeting === undefined || said.length >= greetingBytes || greeting.test(said.toString('utf8'))) {
				answer(true);
			}
		});
		socket.on('error', (error) => end(() => reject(error)));
		socket.on('close', () => answer(false));
		socket.on('end', () => answer(false));
	});

/** Passes when the port accepts a connection and keeps it, and the server greets as expected. */
export const checkTcp = (definition: TcpCheck, { host }: CheckContext): CheckFunction => {
	const { address, through, timeoutMs } = definition;
	const target = parseAddress(address);
	const greeting = definition.greeting === undefined ? undefined : new RegExp(definition.greeting, 'u');
	const from = through === 'host' ? ` (on ${host.name})` : '';
	const asked = `nc -w ${Math.ceil(timeoutMs / 1000)} ${target.host} ${target.port} </dev/null${from}`;

	const look = async (signal: AbortSignal): Promise<Outcome> => {
		const beganAt = performance.now();
		const socket = await openConnection(host, { ...target, through }, signal);
		const tookMs = Math.max(1, Math.round(performance.now() - beganAt));
		try {
			const later = socket instanceof PipeSocket && socket.connectsLater;
			const waitMs = later ? timeoutMs - tookMs - marginMs : staysOpenMs;
			const { said, open } = await readGreeting(socket, greeting, greeting ? undefined : waitMs, signal);
			if (later && open && said.length === 0) {
				return { state: 'unknown', reason: silent, asked, evidence: '' };
			}
			const evidence = `connected after ${tookMs} ms${said.length === 0 ? '' : `; it says: ${firstLine(said)}`}`;
			const matches = greeting === undefined ? open || said.length > 0 : greeting.test(said.toString('utf8'));
			if (matches) {
				return { state: 'passed', reason: `connected in ${tookMs} ms`, asked, evidence };
			}
			const reason =
				said.length === 0
					? 'accepts the connection, and closes it at once: nothing listens behind it'
					: `its greeting does not match /${definition.greeting}/`;
			return { state: 'failed', reason, asked, evidence };
		} finally {
			socket.on('error', () => {});
			socket.destroy();
		}
	};

	return checkConnection(host, { asked, timeoutMs }, look);
};

export const tcp = defineCheckKind({
	about: 'A TCP port accepts a connection and keeps it open',
	keys,
	build,
	run: (definition, { context }) => checkTcp(definition, context),
	onHost: tcpOnHost,
	decisive: true,
});
