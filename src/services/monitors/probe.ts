import type { Response } from 'got';
import { BackoutError } from '../../runbook/errors.ts';
import { createCoalescer, type RequestCoalescer } from '../host/coalesce.ts';
import type { Host } from '../host/host.ts';
import { loadGot } from '../host/lazy-got.ts';
import { describeFailure, isCut } from '../host/network-errors.ts';
import { withDeadline } from '../host/with-deadline.ts';
import { agentsOf, headersOf, type RequestOptions } from './request.ts';

export interface ProbeRequest extends RequestOptions {
	readonly url: string;
	/** Limit for the whole response, however slowly it arrives, ms. */
	readonly timeoutMs: number;
	/** Limit at which the response is cut and the connection closed, bytes. */
	readonly maxBytes: number;
	readonly signal?: AbortSignal;
	readonly accept?: string;
	/** Default: GET. Another method is never sent twice, and never shared. */
	readonly method?: 'POST' | 'DELETE';
	/** The body of the request: JSON. */
	readonly body?: string;
	/** True: shares a response that another caller is waiting for. A verdict makes its own request. */
	readonly share?: boolean;
}

export interface ProbeAnswer {
	readonly status: number;
	/** Time until the last byte that was read. */
	readonly latencyMs: number;
	readonly body: Buffer;
	readonly truncated: boolean;
	/** By name in lower case; values of a repeated header are joined by commas (RFC 9110, 5.3). */
	readonly headers: Readonly<Record<string, string>>;
	/** Target of a redirect, which is not followed. */
	readonly location?: string;
}

/**
 * Returns the error for an endpoint that does not respond properly; code `failed`. With code `unreachable` nothing is known about the
 * endpoint: the way to it is broken.
 */
export const probeFailure = (host: string, request: Pick<ProbeRequest, 'timeoutMs'>, error: unknown): BackoutError => {
	const { code, cause } = error as NodeJS.ErrnoException;
	const told = [error, cause].find((one) => one instanceof BackoutError);
	if (told !== undefined) {
		return told;
	}
	// The error when an SSH server refuses to forward for us.
	const noWay = code === 'ECONNABORTED';
	const why =
		code === 'ETIMEDOUT'
			? `no answer within ${request.timeoutMs / 1000} s`
			: noWay
				? `the host cannot open a connection (${(error as Error).message})`
				: describeFailure(error);
	return new BackoutError(noWay ? 'unreachable' : 'failed', why, { host, cause: error });
};

const byteOrderMark = Buffer.from('\ufeff');

const joined = (headers: Response['headers']): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(headers).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, [value].flat().join(', ')]],
		),
	);

const ask = async (host: Host, request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer> => {
	const got = await loadGot();
	const headers = headersOf(request);
	const agent = await agentsOf(host, request);
	const beganAt = performance.now();
	const stream = got.stream(request.url, {
		// Without a body, got would wait for one to be written.
		...(request.method && { method: request.method, body: request.body ?? '' }),
		...(agent && { agent }),
		retry: { limit: 0 },
		throwHttpErrors: false,
		followRedirect: false,
		headers: {
			'user-agent': 'backout',
			...(request.accept ? { accept: request.accept } : {}),
			...(request.body !== undefined && { 'content-type': 'application/json' }),
			...headers,
		},
		signal,
	});
	let response: Response | undefined;
	stream.once('response', (came: Response) => {
		response = came;
	});
	const parts: Buffer[] = [];
	let size = 0;
	let truncated = false;
	try {
		for await (const part of stream as AsyncIterable<Buffer>) {
			parts.push(part.subarray(0, request.maxBytes - size));
			size += part.length;
			if (size > request.maxBytes) {
				truncated = true;
				break;
			}
		}
	} finally {
		stream.destroy();
	}
	if (response === undefined) {
		throw new Error('no answer');
	}
	const whole = Buffer.concat(parts);
	return {
		status: response.statusCode,
		latencyMs: Math.max(1, Math.round(performance.now() - beganAt)),
		// A byte order mark is not part of the response.
		body: whole.subarray(0, 3).equals(byteOrderMark) ? whole.subarray(3) : whole,
		truncated,
		headers: joined(response.headers),
		location: response.headers.location,
	};
};

const askOrAgain = async (host: Host, request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer> => {
	try {
		return await ask(host, request, signal);
	} catch (error) {
		// The server may close a kept connection just as it is used again, which says nothing about the endpoint.
		if (isCut(error) && request.method === undefined && !signal.aborted) {
			return ask(host, request, signal);
		}
		throw error;
	}
};

/** Requests to the endpoints of a host that callers share. Each has its own timeout. */
const shares = new WeakMap<Host, RequestCoalescer>();

const askTogether = (host: Host, request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer> => {
	const together = shares.get(host) ?? createCoalescer();
	shares.set(host, together);
	const { url, through, maxBytes, accept, headers, socket, servername, ca, fingerprint } = request;
	const question = JSON.stringify([through, maxBytes, accept, url, headers, socket, servername, ca, fingerprint]);
	return together(question, (left) => askOrAgain(host, request, left), signal);
};

/**
 * Makes one request, by default a GET. Any status is a response. Rejects with a BackoutError when there was none (`probeFailure`), or with the signal's
 * reason.
 */
export const probe = async (host: Host, request: ProbeRequest): Promise<ProbeAnswer> => {
	// The time for loading it must not count as the endpoint's.
	await loadGot();
	const { signal = new AbortController().signal } = request;
	const work = request.share && request.method === undefined ? askTogether : askOrAgain;
	try {
		return await withDeadline(request.timeoutMs, signal, (limited) => work(host, request, limited));
	} catch (error) {
		signal.throwIfAborted();
		throw probeFailure(host.name, request, error);
	}
};
