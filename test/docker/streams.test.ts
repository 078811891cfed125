import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDemultiplexer, joinChunks } from '../../src/engines/docker/frames.ts';
import { createLineCutter } from '../../src/services/host/line-cutter.ts';

const frame = (stream: 1 | 2, payload: Uint8Array) => {
	const header = Buffer.alloc(8);
	header[0] = stream;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

/** Cuts bytes anywhere, as a network does. */
const pieces = (bytes: Buffer, sizes: readonly number[]) => {
	const cut: Buffer[] = [];
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] ?? 1);
		cut.push(bytes.subarray(at, at + size));
		at += size;
	}
	return cut;
};

const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 });

test('frames give the same bytes however they are cut', () => {
	const frames = fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.uint8Array({ maxLength: 40 })));
	fc.assert(
		fc.property(frames, sizes, (all, cuts) => {
			const demultiplex = createDemultiplexer();
			const bytes = Buffer.concat(all.map(([stream, payload]) => frame(stream, payload)));
			const chunks = pieces(bytes, cuts).flatMap(demultiplex);
			for (const [number, name] of [
				[1, 'stdout'],
				[2, 'stderr'],
			] as const) {
				const sent = Buffer.concat(all.filter(([stream]) => stream === number).map(([, payload]) => payload));
				const came = Buffer.concat(chunks.filter(({ stream }) => stream === name).map((chunk) => chunk.bytes));
				expect(came).toEqual(sent);
			}
		}),
	);
});

test('bytes that are no frames are refused, not guessed at', () => {
	expect(() => createDemultiplexer()(Buffer.from('plain text of a terminal'))).toThrow(/stream format/);
});

test('lines are the same however the bytes are cut', () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: 'grapheme' })), sizes, (parts, cuts) => {
			const text = parts.join('\n');
			const cutter = createLineCutter();
			const lines = pieces(Buffer.from(text), cuts).flatMap((piece) => cutter.push(piece));
			const rest = cutter.end();
			const expected = text.split('\n').map((line) => line.replace(/\r$/, ''));
			expect([...lines, rest ?? '']).toEqual(expected);
		}),
	);
});

test('a line without an end takes no more memory than its limit', () => {
	const cutter = createLineCutter(10);
	for (let turn = 0; turn < 1000; turn++) {
		expect(cutter.push(Buffer.alloc(1000, 'x'))).toEqual([]);
	}
	expect(cutter.push(Buffer.from('y\nnext\n'))).toEqual(['x'.repeat(10), 'next']);
});

test('what follows each other of one stream is put together, in its order', () => {
	const chunk = (stream: 'stdout' | 'stderr', text: string) => ({ stream, bytes: Buffer.from(text) });
	const chunks = [chunk('stdout', 'a'), chunk('stdout', 'b'), chunk('stderr', 'c'), chunk('stdout', 'd')];
	expect(joinChunks(chunks).map(({ stream, bytes }) => `${stream} ${bytes}`)).toEqual([
		'stdout ab',
		'stderr c',
		'stdout d',
	]);
	expect(joinChunks([])).toEqual([]);
});
