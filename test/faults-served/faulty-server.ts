import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates.ts';

/** Says something to whoever asked; the connection stays open unless it ends it. */
export type Answer = (to: Duplex) => void;

export interface FaultyServer {
	readonly port: number;
	/** Connections that are open. */
	readonly open: number;
	/** Requests that came. */
	readonly asked: number;
	/** The most that was taken of one answer, bytes; with what lies in the sockets' buffers. */
	readonly mostSent: number;
	/** Changes its answer from now on. */
	become(answer: Answer): void;
	/** Resolves when no connection is open any more. */
	allClosed(): Promise<void>;
	close(): Promise<void>;
}

/** A server on a free loopback port that answers each request as it likes, below HTTP. With a certificate it speaks TLS. */
export const startFaulty = async (first: Answer, certificate?: Certificate): Promise<FaultyServer> => {
	const sockets = new Set<Socket>();
	const watchers = new Set<() => void>();
	let answer = first;
	let asked = 0;
	let mostSent = 0;
	const serve = (stream: Socket) => {
		let heard = '';
		let before = 0;
		const note = () => {
			mostSent = Math.max(mostSent, stream.bytesWritten - before);
			before = stream.bytesWritten;
		};
		stream.on('error', () => {});
		stream.once('close', note);
		stream.on('data', (bytes: Buffer) => {
			heard += bytes.toString('latin1');
			// A greeting of TLS has no empty line in it.
			if (heard.includes('\r\n\r\n') || heard.startsWith('\x16')) {
				heard = '';
				asked++;
				note();
				answer(stream);
			}
		});
	};
	const noted = (socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		socket.once('close', () => {
			sockets.delete(socket);
			for (const watcher of [...watchers]) {
				watcher();
			}
		});
	};
	const server: Server =
		certificate === undefined
			? createServer(serve)
			: createTlsServer({ ...certificate }, serve).on('tlsClientError', () => {});
	server.on('connection', noted);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		get open() {
			return sockets.size;
		},
		get asked() {
			return asked;
		},
		get mostSent() {
			return mostSent;
		},
		become: (next) => {
			answer = next;
		},
		allClosed: () =>
			new Promise((resolve, reject) => {
				const timer = setTimeout(() => reject(new Error(`${sockets.size} connections are left open`)), 20_000);
				const look = () => {
					if (sockets.size === 0) {
						clearTimeout(timer);
						watchers.delete(look);
						resolve();
					}
				};
				watchers.add(look);
				look();
			}),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) {
					socket.destroy();
				}
			}),
	};
};
