import type { ServerResponse } from 'node:http';

/** A log that is written at a steady rate: each line says which it is and when it was written. */
export interface Flood {
	/** Sends it as Docker sends the log of a container that is followed, until the response is closed. */
	send(response: ServerResponse): void;
	/** Lines a second from now on; 0 pauses. */
	rate(linesPerSecond: number): void;
	/** Lines written so far. */
	readonly written: number;
	stop(): void;
}

const tickMs = 10;
const filler = 'worker-7 INFO order book rebuilt, 412 levels in 3.1 ms, no gaps';

/** A line of a flood as it is found on the screen: its number, and the time it was written, ms since the epoch. */
export const floodLine = /#(\d+) @(\d+) /;

export const createFlood = (): Flood => {
	const readers = new Set<ServerResponse>();
	let perTick = 0;
	let owed = 0;
	let written = 0;
	let last = performance.now();
	const write = () => {
		const now = performance.now();
		owed += ((now - last) / tickMs) * perTick;
		last = now;
		const count = Math.floor(owed);
		owed -= count;
		if (count === 0) {
			return;
		}
		const at = Date.now();
		const pieces: string[] = [];
		for (let line = 0; line < count; line++) {
			const text = `#${written} @${at} ${filler}\n`;
			written++;
			// Eight bytes of header: stdout, then the length, big-endian (Engine API, ContainerAttach).
			pieces.push(`\u0001\0\0\0\0\0\0${String.fromCharCode(text.length)}${text}`);
		}
		const block = Buffer.from(pieces.join(''), 'latin1');
		for (const reader of readers) {
			// As with Docker, a reader that does not read delays the log; here it delays only its own.
			if (reader.writableLength < 64 * 1024 * 1024) {
				reader.write(block);
			}
		}
	};
	const timer = setInterval(write, tickMs);
	return {
		send: (response) => {
			response.writeHead(200, { 'content-type': 'application/vnd.docker.multiplexed-stream' });
			response.flushHeaders();
			readers.add(response);
			response.on('close', () => readers.delete(response));
		},
		rate: (linesPerSecond) => {
			perTick = (linesPerSecond * tickMs) / 1000;
			owed = 0;
			last = performance.now();
		},
		get written() {
			return written;
		},
		stop: () => clearInterval(timer),
	};
};
