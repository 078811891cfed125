import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { HostClock } from '../../services/host/clock.ts';
import { isCut } from '../../services/host/network-errors.ts';

/** A refusal: Docker answered with an error. */
export class ApiRefusal extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.name = 'EngineRefusal';
		this.status = status;
	}
}

type Query = Readonly<Record<string, string>>;

export interface ApiRequest {
	readonly query?: Query;
	readonly signal?: AbortSignal;
	/** Time limit until the whole response has arrived (`json`), or until it begins (`open`), ms. Default 5000. */
	readonly timeoutMs?: number;
}

/** HTTP to the Docker Engine over one agent. Paths carry no version, so the daemon uses its newest. */
export interface ApiClient {
	json(path: string, request?: ApiRequest): Promise<unknown>;
	/** Asks only whether the engine answers. Its version would take Podman seconds, as it asks the package manager. */
	ping(request?: ApiRequest): Promise<void>;
	/** Yields the body as it arrives. The response headers have arrived when the first `next()` resolves or `onOpen` is called. */
	open(path: string, request: ApiRequest & { readonly onOpen?: () => void }): AsyncGenerator<Buffer, void, undefined>;
}

const defaultTimeoutMs = 5000;

const refusal = (status: number, body: string): ApiRefusal => {
	let message = body.trim();
	try {
		message = (JSON.parse(body) as { message?: string }).message ?? message;
	} catch {
		// Not JSON, so a proxy or another server answers here: show its own words.
	}
	return new ApiRefusal(status, message.slice(0, 300) || `Docker answered ${status}`);
};

/**
 * True when a kept connection was closed just as a request was sent on it. An engine closes those that it does not need, which says nothing
 * about what was asked: the request is sent again. Each time one kept connection fewer is left, so it ends with a new one.
 */
const closedUnderUs = (error: unknown, request: ClientRequest): boolean => isCut(error) && request.reusedSocket;

const endedEarly = (cause: unknown): Error =>
	Object.assign(new Error('the answer ended early', { cause }), { code: 'ERR_STREAM_PREMATURE_CLOSE' });

/** A request that has been sent, and what ended it if it was not the other side. */
interface Sent {
	request?: ClientRequest;
	ended?: unknown;
}

/**
 * Sends a request and waits for the head of the response. By node:http alone: an idle screen asks the engine four times a second, and
 * what got does for redirects, retries and hooks was a third of what that costs.
 */
const send = async (agent: Agent, clock: HostClock, path: string, query: Query | undefined, sent: Sent) => {
	const http = process.getBuiltinModule('node:http');
	const target = `/${path}${query === undefined ? '' : `?${new URLSearchParams(query)}`}`;
	for (;;) {
		const askedAt = Date.now();
		const request = http.request({ agent, host: 'docker', path: target });
		sent.request = request;
		try {
			const response = await new Promise<IncomingMessage>((resolve, reject) => {
				request.once('response', resolve);
				// Also for what fails after the response has begun: it fails the response, too.
				request.on('error', reject);
				request.end();
			});
			clock.note(response.headers.date, askedAt, Date.now());
			return response;
		} catch (error) {
			if (sent.ended !== undefined || !closedUnderUs(error, request)) {
				throw error;
			}
		}
	}
};

interface Exchange extends ApiRequest {
	readonly onOpen?: () => void;
	/** True: the time limit is for the whole response, not for its beginning. */
	readonly isLimited: boolean;
}

/** Sends one request and yields its body as it arrives. A refusal has to arrive within the time limit as a whole. */
const exchange = async function* (
	agent: Agent,
	clock: HostClock,
	path: string,
	{ query, signal, timeoutMs = defaultTimeoutMs, onOpen, isLimited }: Exchange,
): AsyncGenerator<Buffer, void, undefined> {
	signal?.throwIfAborted();
	const sent: Sent = {};
	const end = (why: unknown) => {
		sent.ended ??= why;
		sent.request?.destroy(why instanceof Error ? why : new Error(String(why)));
	};
	const leave = () => end(signal?.reason);
	signal?.addEventListener('abort', leave, { once: true });
	const timer = setTimeout(() => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), timeoutMs);
	let response: IncomingMessage | undefined;
	try {
		response = await send(agent, clock, path, query, sent);
		const status = response.statusCode ?? 0;
		if (status < 300) {
			if (!isLimited) {
				clearTimeout(timer);
			}
			onOpen?.();
			yield* response as AsyncIterable<Buffer>;
			return;
		}
		let said = '';
		for await (const bytes of response as AsyncIterable<Buffer>) {
			said = (said + bytes.toString('utf8')).slice(0, 2000);
		}
		throw refusal(status, said);
	} catch (error) {
		signal?.throwIfAborted();
		throw sent.ended ?? (response !== undefined && isCut(error) ? endedEarly(error) : error);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', leave);
		// The connection of a stream that the caller stops reading is not kept.
		if (response?.complete !== true) {
			sent.request?.destroy();
		}
	}
};

/** @param clock learns from the `Date` header of every response */
export const createApiClient = (agent: Agent, clock: HostClock): ApiClient => {
	const textOf = async (path: string, request: ApiRequest = {}): Promise<string> => {
		const parts: Buffer[] = [];
		for await (const bytes of exchange(agent, clock, path, { ...request, isLimited: true })) {
			parts.push(bytes);
		}
		return Buffer.concat(parts).toString('utf8');
	};
	return {
		json: async (path, request) => JSON.parse(await textOf(path, request)),
		ping: async (request) => {
			await textOf('_ping', request);
		},
		open: (path, request) => exchange(agent, clock, path, { ...request, isLimited: false }),
	};
};
