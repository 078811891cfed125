import type { Socket } from 'node:net';

/**
 * Passes all writes to a socket within one turn of the event loop to the system at once. ssh2 writes each packet in three pieces (its
 * length, the encrypted part, its tag), and with TCP_NODELAY each would be a system call and a segment of its own.
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
