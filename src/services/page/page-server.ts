import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BackoutError } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';

export interface PageServerOptions {
	/** 0: any free port. */
	readonly port: number;
	/** Returns the page as it is now. */
	readonly page: () => Masked<string>;
	/** Content-Security-Policy of the page. */
	readonly policy: string;
	/** Names of this machine in addresses, besides those of the loopback interface. */
	readonly names?: readonly string[];
}

/** A page that is served on the loopback interface. */
export interface PageServer {
	readonly url: string;
	close(): Promise<void>;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Time for which a page that was made is served again, ms: many viewers cost no more than one. */
const freshMs = 500;

/** Returns the name in a Host header, without the port, in small letters. A tunnel keeps the name and changes the port. */
const nameIn = (host: string | undefined): string => (host ?? '').toLowerCase().replace(/:\d*$/, '');

/** Headers of every answer: nothing is kept, framed, guessed or told to others. */
const always = (policy: string): Readonly<Record<string, string>> => ({
	'Cache-Control': 'no-store',
	'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
});

/**
 * Serves one page on the loopback interface, to be read only: GET and HEAD of `/`. A request whose Host is not a name of this machine is
 * refused, because a website can give its own name the address 127.0.0.1 and would then read the page in the viewer's browser (DNS
 * rebinding). Throws BackoutError `usage` when it cannot listen on the port.
 */
export const servePage = ({ port, page, policy, names = [] }: PageServerOptions): Promise<PageServer> => {
	const own = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())]);
	const headers = always(policy);
	let made: { readonly at: number; readonly text: string } | undefined;
	const current = (): string => {
		if (made === undefined || performance.now() - made.at >= freshMs) {
			made = { at: performance.now(), text: page() };
		}
		return made.text;
	};
	const answer = (request: IncomingMessage, response: ServerResponse): void => {
		const say = (status: number, text: string, more: Readonly<Record<string, string>> = {}) => {
			response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', ...more });
			response.end(request.method === 'HEAD' ? undefined : text);
		};
		if (!own.has(nameIn(request.headers.host))) {
			say(421, 'This page is not served under this name. To allow it: backout serve --allow-host NAME\n');
		} else if (request.method !== 'GET' && request.method !== 'HEAD') {
			say(405, 'This page can only be read.\n', { Allow: 'GET, HEAD' });
		} else if (request.url?.split('?')[0] !== '/') {
			say(404, 'There is one page here: /\n');
		} else {
			say(200, current(), { 'Content-Type': 'text/html; charset=utf-8' });
		}
	};
	const server = createServer((request, response) => {
		// What a request carries is not read.
		request.resume();
		answer(request, response);
	});
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) =>
			reject(
				new BackoutError('usage', `cannot serve the page on port ${port} of 127.0.0.1: ${error.message}`, {
					next: 'choose another port with --port, or leave it out for a free one',
					cause: error,
				}),
			),
		);
		server.listen(port, '127.0.0.1', () => {
			resolve({
				url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
				close: () =>
					new Promise((closed) => {
						server.close(() => closed());
						server.closeAllConnections();
					}),
			});
		});
	});
};
