import type { Agent } from 'node:http';
import type { Got, Request, RequestError, Response } from 'got';
import type { HostClock } from '../../services/host/clock.ts';
import { loadGot } from '../../services/host/lazy-got.ts';
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
	open(
		path: string,
		request: ApiRequest & { readonly onOpen?: (response: Response) => void },
	): AsyncGenerator<Buffer, void, undefined>;
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
const closedUnderUs = (error: unknown, request: Request | undefined): boolean =>
	isCut(error) && request?.reusedSocket === true && request.response === undefined;

/** @param clock learns from the `Date` header of every response */
export const createApiClient = (agent: Agent, clock: HostClock): ApiClient => {
	const loading = loadGot().then((got) =>
		got.extend({
			prefixUrl: 'http://docker',
			agent: { http: agent },
			retry: { limit: 0 },
			throwHttpErrors: false,
			followRedirect: false,
			decompress: false,
		}),
	);
	const textOf = async (
		path: string,
		{ query, signal, timeoutMs = defaultTimeoutMs }: ApiRequest = {},
	): Promise<string> => {
		const client = await loading;
		const askedAt = Date.now();
		const options = { searchParams: query, signal, timeout: { request: timeoutMs } };
		let response: Response<string> | undefined;
		while (response === undefined) {
			try {
				response = await client.get(path, options);
			} catch (error) {
				if (!closedUnderUs(error, (error as RequestError).request)) {
					throw error;
				}
			}
		}
		clock.note(response.headers.date, askedAt, Date.now());
		if (response.statusCode >= 300) {
			throw refusal(response.statusCode, response.body);
		}
		return response.body;
	};
	return {
		json: async (path, request) => JSON.parse(await textOf(path, request)),
		ping: async (request) => {
			await textOf('_ping', request);
		},
		open: async function* (path, request) {
			const client = await loading;
			for (;;) {
				const sent: Sent = {};
				try {
					yield* stream(client, clock, path, request, sent);
					return;
				} catch (error) {
					if (!closedUnderUs(error, sent.request)) {
						throw error;
					}
				}
			}
		},
	};
};

/** A request that was sent. */
interface Sent {
	request?: Request;
}

/** Sends one request, and yields its body as it arrives. */
const stream = async function* (
	client: Got,
	clock: HostClock,
	path: string,
	{ query, signal, timeoutMs = defaultTimeoutMs, onOpen }: Parameters<ApiClient['open']>[1],
	sent: Sent,
): AsyncGenerator<Buffer, void, undefined> {
	const askedAt = Date.now();
	// Aborted when the caller stops reading, so that the connection of a stream is never left open.
	const controller = new AbortController();
	const leave = () => controller.abort(signal?.reason);
	signal?.throwIfAborted();
	signal?.addEventListener('abort', leave, { once: true });
	const timer = setTimeout(
		() => controller.abort(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
		timeoutMs,
	);
	const request = client.stream(path, { searchParams: query, signal: controller.signal });
	sent.request = request;
	let response: Response | undefined;
	request.once('response', (came: Response) => {
		response = came;
		clock.note(came.headers.date, askedAt, Date.now());
		// The body of a refusal must arrive within the same time limit.
		if (came.statusCode < 300) {
			clearTimeout(timer);
			onOpen?.(came);
		}
	});
	let said = '';
	try {
		for await (const bytes of request as AsyncIterable<Buffer>) {
			if (response !== undefined && response.statusCode >= 300) {
				said = (said + bytes.toString('utf8')).slice(0, 2000);
			} else {
				yield bytes;
			}
		}
		if (response !== undefined && response.statusCode >= 300) {
			throw refusal(response.statusCode, said);
		}
	} catch (error) {
		signal?.throwIfAborted();
		throw controller.signal.aborted ? controller.signal.reason : error;
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', leave);
		request.destroy();
	}
};
