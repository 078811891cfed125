import { createServer, type Server } from 'node:http';
import type { Container } from './types.ts';

/** The HTTP servers of a container's published ports. */
export interface Pages {
	close(): Promise<void>;
}

const listen = (server: Server, port: number): Promise<void> =>
	new Promise((resolve) => {
		// A port that another program has taken meanwhile: the page is then missing, as with Docker.
		server.once('error', () => resolve());
		server.listen(port, '127.0.0.1', () => resolve());
	});

/** Opens the published ports of a container, on loopback only. */
export const openPages = async (container: Container): Promise<Pages> => {
	const servers = container.ports.flatMap(({ host, container: inside }) => {
		const page = container.program?.pages?.[inside];
		if (page === undefined || host === 0) {
			return [];
		}
		const server = createServer((request, response) => {
			const { status, type, body } = page(request.url ?? '/');
			response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
			response.end(request.method === 'HEAD' ? '' : body);
		});
		return [{ server, host }];
	});
	await Promise.all(servers.map(({ server, host }) => listen(server, host)));
	return {
		close: async () => {
			await Promise.all(
				servers.map(
					({ server }) =>
						new Promise<void>((resolve) => {
							server.close(() => resolve());
							server.closeAllConnections();
						}),
				),
			);
		},
	};
};
