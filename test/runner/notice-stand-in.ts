import type { IncomingHttpHeaders } from 'node:http';
import { expect, vi } from 'vitest';
import { serve, type TestServer } from '../helpers/http-server.ts';

/** A request that came. */
interface Request {
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** A service that takes notices: what came, and the statuses to answer with. */
export class StandIn {
	server: TestServer | undefined;
	readonly requests: Request[] = [];
	/** The statuses of the first answers; then 200. 0: no answer at all. */
	statuses: number[] = [];
	get url(): string {
		return this.server?.url ?? '';
	}

	/** Resolves when so many requests have come. */
	count(count: number): Promise<void> {
		return vi.waitFor(() => expect(this.requests.length).toBeGreaterThanOrEqual(count), {
			timeout: 25_000,
			interval: 50,
		});
	}

	async open(): Promise<void> {
		this.server = await serve(async (request, response) => {
			let body = '';
			for await (const chunk of request) {
				body += chunk;
			}
			const status = this.statuses.shift() ?? 200;
			this.requests.push({ url: request.url ?? '', headers: request.headers, body });
			if (status !== 0) {
				response.writeHead(status).end('ok');
			}
		});
	}
}
