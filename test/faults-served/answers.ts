import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Answer } from './faulty-server.ts';

const http = (status: string, headers: readonly string[], body: string | Buffer): Buffer =>
	Buffer.concat([
		Buffer.from(`HTTP/1.1 ${status}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`),
		Buffer.from(body),
	]);

/** A whole answer that keeps the connection. */
export const says =
	(status: string, body: string | Buffer, headers: readonly string[] = []): Answer =>
	(to) => {
		to.write(http(status, [`Content-Length: ${Buffer.byteLength(body)}`, ...headers], body));
	};

/** Writes the same piece again and again, as fast as it is taken, until so many bytes are written or nobody takes them. */
const pour = (to: Duplex, piece: Buffer, total: number): void => {
	let left = total;
	const more = () => {
		while (left > 0 && !to.destroyed) {
			left -= piece.length;
			if (!to.write(piece)) {
				to.once('drain', more);
				return;
			}
		}
		if (!to.destroyed) {
			to.end();
		}
	};
	more();
};

const head = (...headers: readonly string[]) => http('200 OK', headers, '');

/** A long answer of the same piece over and over; without `total` it never ends. */
export const pours =
	(piece: string | Buffer, total = Number.POSITIVE_INFINITY): Answer =>
	(to) => {
		to.write(head('Connection: close'));
		pour(to, Buffer.from(piece), total);
	};

export const hangs: Answer = () => {};

/** One byte a second, from the first of the status line on. */
export const drips: Answer = (to) => {
	const bytes = http('200 OK', ['Content-Length: 100000'], 'x'.repeat(100_000));
	let at = 0;
	const timer = setInterval(() => to.write(bytes.subarray(at, ++at)), 1000);
	to.once('close', () => clearInterval(timer));
};

/** The head at once, then a byte of the body a second. */
export const dripsBody: Answer = (to) => {
	to.write(head('Content-Length: 100000'));
	const timer = setInterval(() => to.write('x'), 1000);
	to.once('close', () => clearInterval(timer));
};

const reset = (to: Duplex) => (to as Duplex & { resetAndDestroy?: () => void }).resetAndDestroy?.() ?? to.destroy();

export const resetsAtOnce: Answer = reset;

export const resetsInTheMiddle: Answer = (to) => {
	to.write(http('200 OK', ['Content-Length: 1000'], 'half of it'), () => setTimeout(() => reset(to), 20));
};

/** Promises more than it gives, and closes. */
export const promisesMore: Answer = (to) => {
	to.end(http('200 OK', ['Content-Length: 1000'], '{"status": "well"}'));
};

/** Promises less than it gives. */
export const promisesLess: Answer = (to) => {
	to.write(http('200 OK', ['Content-Length: 2'], '{"status": "well"}'));
};

/** Bytes as they are, then closes. */
export const blurts =
	(bytes: string | Buffer): Answer =>
	(to) => {
		to.end(bytes);
	};

/** A megabyte of header. */
export const longHeader: Answer = (to) => {
	to.end(http('200 OK', [`X-Long: ${'x'.repeat(1_000_000)}`], ''));
};

/** "100 Continue" and never an answer. */
export const neverComesToThePoint: Answer = (to) => {
	const timer = setInterval(() => to.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
	to.once('close', () => clearInterval(timer));
};

/** A little answer that is a hundred megabytes when unpacked. */
const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
export const unpacksToTooMuch = says('200 OK', bomb, ['Content-Encoding: gzip']);
export const cannotBeUnpacked = says('200 OK', 'not gzip at all', ['Content-Encoding: gzip']);

export const badUtf8 = Buffer.from([0x7b, 0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0x00, 0x1b, 0x5d, 0x7d]);
