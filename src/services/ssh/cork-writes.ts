import type { Socket } from 'node:net';

/**
 * Hands the system at once what is written to a socket in one turn of the event loop. ssh2 writes each packet in three pieces (its
 * length, what is enciphered, its tag), and with TCP_NODELAY each would be a system call and a segment of its own.
 */
export const corkWrites = (socket: Socket): void => {
	const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
	const uncork = () => socket.uncork();
	socket.write = (...args: unknown[]) => {
		if (socket.writableCorked === 0) {
			socket.cork();
			process.nextTick(uncork);
		}
		return write(...args);
	};
};
