import type { ClientRequestArgs } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpRequest } from '../../runbook/runbook.ts';
import type { Host } from './host.ts';

/** A TCP port, and the machine that connects to it. */
export interface TcpTarget extends Pick<HttpRequest, 'through'> {
	readonly host: string;
	readonly port: number;
}

/**
 * Opens a TCP connection, on the host or from this machine. It is not kept for anybody else: the caller destroys it. Rejects with the
 * error of the connection, or with the signal's reason.
 */
export const openConnection = (
	host: Pick<Host, 'tcpAgent'>,
	{ through, host: address, port }: TcpTarget,
	signal: AbortSignal,
): Promise<Duplex> =>
	new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const socket =
			through === 'host'
				? // The types allow an agent that connects later, by its callback; ours return the socket at once.
					(host.tcpAgent.createConnection({ host: address, port } as ClientRequestArgs) as Duplex)
				: connect({ host: address, port });
		const leave = () => fail(signal.reason as Error);
		const done = () => {
			signal.removeEventListener('abort', leave);
			socket.off('connect', opened);
			socket.off('error', fail);
			socket.off('close', closed);
		};
		const opened = () => {
			done();
			resolve(socket);
		};
		const fail = (error: Error) => {
			done();
			// An error that comes after the caller has left concerns nobody.
			socket.on('error', () => {});
			socket.destroy();
			reject(error);
		};
		const closed = () => fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
		socket.on('connect', opened);
		socket.on('error', fail);
		socket.on('close', closed);
		signal.addEventListener('abort', leave, { once: true });
	});
