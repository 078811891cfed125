import { connect, createServer, type Socket } from 'node:net';

export interface DelayLine {
	readonly port: number;
	/** Connections that were taken so far. */
	readonly taken: number;
	/** Bytes that went through, both ways. */
	readonly bytes: number;
	close(): Promise<void>;
}

/**
 * A port of loopback that leads to another one over a line of this length: every byte arrives half the round trip
 * after it was sent, however many are on their way.
 */
export const openDelayLine = async (targetPort: number, roundTripMs: number): Promise<DelayLine> => {
	const sockets = new Set<Socket>();
	let taken = 0;
	let bytes = 0;
	const pass = (from: Socket, to: Socket) => {
		const later = (act: () => void) => setTimeout(act, roundTripMs / 2);
		from.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			later(() => {
				if (!to.destroyed) {
					to.write(chunk);
				}
			});
		});
		from.on('error', () => {});
		from.on('end', () => later(() => to.end()));
		from.on('close', () => {
			sockets.delete(from);
			later(() => to.destroy());
		});
	};
	const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
		taken++;
		const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
		sockets.add(client).add(upstream);
		pass(client, upstream);
		pass(upstream, client);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as { port: number }).port,
		get taken() {
			return taken;
		},
		get bytes() {
			return bytes;
		},
		close: () => {
			for (const socket of sockets) {
				socket.destroy();
			}
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
};
