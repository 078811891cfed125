import { createConnection, createServer, type Socket } from 'node:net';

/** A server that something else starts. */
interface Started {
	/** Its port of loopback. */
	readonly port: number;
	close(): Promise<void>;
}

/** Joins two sockets until either ends. */
const join = (one: Socket, other: Socket) => {
	one.pipe(other).pipe(one);
	one.once('close', () => other.destroy());
	other.once('close', () => one.destroy());
};

/**
 * Listens on a free port of loopback, and starts the server behind it when somebody connects for the first time: what nobody looks
 * at costs nothing. A server that does not start closes every connection.
 */
export const startWhenNeeded = async (start: () => Promise<Started>): Promise<Started> => {
	let started: Promise<Started> | undefined;
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
		started ??= start();
		started.then(
			({ port }) => {
				const behind = createConnection(port, '127.0.0.1');
				behind.on('error', () => socket.destroy());
				join(socket, behind);
			},
			() => socket.destroy(),
		);
	});
	const port = await new Promise<number>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
	});
	return {
		port,
		close: async () => {
			server.close();
			for (const socket of sockets) {
				socket.destroy();
			}
			await started?.then(
				(one) => one.close(),
				() => {},
			);
		},
	};
};
