import type { Agent } from 'node:http';
import type { Response } from 'got';
import type { HostClock } from '../../../services/host/clock.ts';
import { loadGot } from '../../../services/host/lazy-got.ts';

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
	return {
		json: async (path, { query, signal, timeoutMs = defaultTimeoutMs } = {}) => {
			const client = await loading;
			const askedAt = Date.now();
			const response = await client.get(path, { searchParams: query, signal, timeout: { request: timeoutMs } });
			clock.note(response.headers.date, askedAt, Date.now());
			if (response.statusCode >= 300) {
				throw refusal(response.statusCode, response.body);
			}
			return JSON.parse(response.body);
		},
		open: async function* (path, { query, signal, timeoutMs = defaultTimeoutMs, onOpen }) {
			const client = await loading;
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
		},
	};
};
