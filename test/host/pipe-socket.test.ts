import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { PipeSocket } from '../../src/services/host/pipe-socket.ts';

test('an error that nobody listens for closes the connection, and is not the end of the program', async () => {
	const pipe = new PassThrough();
	let closed = false;
	const socket = new PipeSocket(async () => ({
		readable: pipe,
		writable: pipe,
		close: () => {
			closed = true;
		},
		over: new Promise(() => {}),
	}));
	await once(socket, 'connect');
	// Not events.once: it would listen for errors.
	const gone = new Promise((resolve) => socket.once('close', resolve));
	socket.destroy(new Error('given up between two requests'));
	await gone;
	expect(closed).toBe(true);
});
