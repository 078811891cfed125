import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
	readonly url: string;
	readonly port: number;
	close(): Promise<void>;
}

/** A server on a free port of the loopback interface. */
export const serve = (listener: RequestListener): Promise<TestServer> =>
	new Promise((resolve) => {
		const server = createServer(listener);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			resolve({
				url: `http://127.0.0.1:${port}`,
				port,
				close: () =>
					new Promise((closed) => {
						server.close(() => closed());
						server.closeAllConnections();
					}),
			});
		});
	});
