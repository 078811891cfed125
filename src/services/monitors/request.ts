import type { Agent } from 'node:http';
import type { Agent as TlsAgent } from 'node:https';
import { connect } from 'node:net';
import { BackoutError } from '../../runbook/errors.ts';
import { shellWord } from '../../runbook/own-command.ts';
import type { HttpRequest } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import type { Host } from '../host/host.ts';
import { createAgent } from '../host/pipe-agent.ts';
import { localFile, localValue } from './local-values.ts';

/** The runbook's settings for a request, besides its URL. */
export type RequestOptions = Pick<HttpRequest, 'through'> & Partial<HttpRequest>;

/** Returns the variables of this machine from which the headers of a request take their values. */
export const environmentOf = ({ headers = {} }: Partial<HttpRequest>): readonly string[] =>
	Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.env]));

/**
 * Returns the headers with their values. Throws a BackoutError (`unreachable`: nothing is known about the endpoint) for a variable that is
 * not set.
 */
export const headersOf = ({ headers = {} }: Partial<HttpRequest>): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(headers).map(([name, given]) => {
			if (typeof given === 'string') {
				return [name.toLowerCase(), given];
			}
			const value = localValue(given.env);
			if (value === undefined) {
				throw new BackoutError(
					'unreachable',
					`the header ${name} cannot be sent: ${given.env} is not set on this machine, nor in .env beside the config`,
				);
			}
			if (/[\r\n\0]/.test(value)) {
				throw new BackoutError('unreachable', `the header ${name} cannot be sent: ${given.env} has several lines`);
			}
			return [name.toLowerCase(), given.prefix + value];
		}),
	);

/** Agents for sockets of this machine, whatever the target's host. */
const ownSockets = new Map<string, Agent>();

const ownSocket = (path: string): Agent => {
	const agent = ownSockets.get(path) ?? createAgent(() => connect({ path }), { maxSockets: 4 });
	ownSockets.set(path, agent);
	return agent;
};

/** Returns the agents for a request; undefined: those of Node. The modules for HTTPS are loaded on demand. */
export const agentsOf = async (
	host: Host,
	{ url, through, socket, servername, ca, fingerprint }: RequestOptions & { readonly url: string },
): Promise<{ http?: Agent; https?: TlsAgent } | undefined> => {
	const inner =
		through === 'host'
			? socket === undefined
				? host.tcpAgent
				: host.socketAgent(socket, { relayed: true })
			: socket === undefined
				? undefined
				: ownSocket(socket);
	if (!url.startsWith('https:')) {
		return inner && { http: inner };
	}
	if (inner === undefined && servername === undefined && ca === undefined && fingerprint === undefined) {
		return undefined;
	}
	const { readAuthorities, tunnelOf } = await import('./tunnel-agent.ts');
	const trust = {
		...(servername !== undefined && { servername }),
		...(ca !== undefined && { ca: readAuthorities(localFile(ca)) }),
		...(fingerprint !== undefined && { fingerprint }),
	};
	return { https: tunnelOf(inner ?? host, inner, trust) };
};

/** Returns the same request as a curl command, for an operator; secrets are masked or named as variables. */
export const asCurl = (
	{ url, headers = {}, socket, ca, servername, fingerprint }: Partial<HttpRequest> & { readonly url: string },
	timeoutMs: number,
): string => {
	const { hostname, port } = new URL(url);
	const words = [
		`curl --max-time ${timeoutMs / 1000}`,
		...Object.entries(headers).map(([name, given]) =>
			typeof given === 'string'
				? `-H ${shellWord(maskSecrets(`${name}: ${given}`))}`
				: `-H "${name}: ${given.prefix}$${given.env}"`,
		),
		...(socket === undefined ? [] : [`--unix-socket ${shellWord(socket)}`]),
		...(ca === undefined ? [] : [`--cacert ${shellWord(ca)}`]),
		...(servername === undefined ? [] : [`--connect-to ${shellWord(`${servername}:${port}:${hostname}:${port}`)}`]),
		...(fingerprint === undefined ? [] : ['--insecure']),
		servername === undefined ? url : url.replace(/^(https?:\/\/(?:[^@/]*@)?)(?:\[[^\]]*\]|[^:/]*)/, `$1${servername}`),
	];
	return words.join(' ');
};
