import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
	readonly port: number;
	/** Milliseconds added to every chunk, each way. */
	delayMs: number;
	/** Bytes a second from the server to the client; 0: no limit. */
	rate: number;
	/** Passes nothing, either way, while true, and lets no connection notice it. */
	blackHole: boolean;
	/** Passes nothing, either way, while true, and loses nothing: what came meanwhile goes on afterwards. */
	stalled: boolean;
	/** Resets every new connection at once. */
	refuse: boolean;
	/** Resets every connection. */
	reset(): void;
	/** Number of connections that were accepted, refused, and are open. */
	readonly taken: number;
	readonly refused: number;
	readonly open: number;
	stop(): Promise<void>;
}

/** A TCP proxy on a free loopback port that can be slow, dead or rude. */
export const startProxy = async (targetPort: number): Promise<TcpProxy> => {
	const sockets = new Set<Socket>();
	let taken = 0;
	let refused = 0;
	let stalled: PromiseWithResolvers<void> | undefined;
	const proxy = {
		delayMs: 0,
		rate: 0,
		blackHole: false,
		refuse: false,
		get stalled() {
			return stalled !== undefined;
		},
		set stalled(on: boolean) {
			stalled?.resolve();
			stalled = on ? Promise.withResolvers() : undefined;
		},
	};

	const pass = (from: Socket, to: Socket, limited: boolean) => {
		let queue = Promise.resolve();
		from.on('data', (chunk: Buffer) => {
			if (proxy.blackHole) {
				return;
			}
			const arrived = Date.now();
			from.pause();
			queue = queue.then(async () => {
				const wait =
					proxy.delayMs - (Date.now() - arrived) + (limited && proxy.rate ? (chunk.length / proxy.rate) * 1000 : 0);
				if (wait > 0) {
					await new Promise((resolve) => setTimeout(resolve, wait));
				}
				await stalled?.promise;
				if (!proxy.blackHole && !to.destroyed) {
					to.write(chunk);
				}
				from.resume();
			});
		});
		from.on('error', () => {});
		from.on('end', () => !proxy.blackHole && queue.then(() => to.end()));
		from.on('close', () => {
			sockets.delete(from);
			if (!proxy.blackHole) {
				to.destroy();
			}
		});
	};

	const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
		if (proxy.refuse) {
			refused++;
			client.on('error', () => {}).resetAndDestroy();
			return;
		}
		taken++;
		const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
		sockets.add(client).add(upstream);
		pass(client, upstream, false);
		pass(upstream, client, true);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();

	return Object.defineProperties(proxy, {
		port: { value: typeof address === 'object' && address ? address.port : 0 },
		taken: { get: () => taken },
		refused: { get: () => refused },
		open: { get: () => sockets.size / 2 },
		reset: {
			value: () => {
				for (const socket of sockets) {
					socket.resetAndDestroy();
				}
			},
		},
		stop: {
			value: () => {
				for (const socket of sockets) {
					socket.destroy();
				}
				return new Promise<void>((resolve) => server.close(() => resolve()));
			},
		},
	}) as unknown as TcpProxy;
};
