import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import type { OutputBuffer } from '../../src/stores/output-buffer.ts';

const text = (buffer: OutputBuffer, line: number) => {
	const bytes = buffer.line(line);
	return bytes && Buffer.from(bytes).toString('latin1');
};
const all = (buffer: OutputBuffer) =>
	Array.from({ length: buffer.lineCount - buffer.firstLine }, (_, index) => text(buffer, buffer.firstLine + index));

describe('an output buffer', () => {
	it('counts a partial line, and completes it', () => {
		const buffer = createOutputBuffer();
		expect(buffer.lineCount).toBe(0);
		buffer.append(Buffer.from('one\ntw'));
		expect(all(buffer)).toEqual(['one', 'tw']);
		buffer.append(Buffer.from('o\n'));
		expect(all(buffer)).toEqual(['one', 'two']);
		buffer.append(Buffer.from('\n\nx'));
		expect(all(buffer)).toEqual(['one', 'two', '', '', 'x']);
		expect(buffer.byteCount).toBe(11);
	});

	it('holds the same lines however the bytes are cut, and drops the oldest when it is full', () => {
		const chunk = fc.array(fc.constantFrom('a', 'bb', '\n', 'ccc', '\n\n', 'dddddddddd'), { maxLength: 30 });
		fc.assert(
			fc.property(fc.array(chunk, { maxLength: 20 }), fc.integer({ min: 8, max: 64 }), (chunks, bytes) => {
				const buffer = createOutputBuffer({ bytes, lines: 1000, lineBytes: 1_000_000 });
				let whole = '';
				for (const each of chunks) {
					const part = each.join('');
					whole += part;
					buffer.append(Buffer.from(part));
				}
				// Lines longer than half the ring are split.
				const half = Math.floor(bytes / 2);
				const lines = whole
					.split('\n')
					.flatMap((line, index, parts) =>
						line === ''
							? index === parts.length - 1
								? []
								: ['']
							: (line.match(new RegExp(`.{1,${half}}`, 'g')) ?? []),
					);
				expect(buffer.lineCount).toBe(lines.length);
				expect(all(buffer)).toEqual(lines.slice(buffer.firstLine));
				expect(text(buffer, buffer.firstLine - 1)).toBeUndefined();
				expect(text(buffer, buffer.lineCount)).toBeUndefined();
				if (whole.length > 0) {
					expect(buffer.lineCount - buffer.firstLine).toBeGreaterThan(0);
				}
			}),
		);
	});

	it('keeps no more lines than it has room for', () => {
		const buffer = createOutputBuffer({ bytes: 1000, lines: 16 });
		buffer.append(Buffer.from('\n'.repeat(100)));
		expect([buffer.lineCount, buffer.firstLine]).toEqual([100, 84]);
	});

	it('takes a piece larger than itself', () => {
		const buffer = createOutputBuffer({ bytes: 64, lines: 100 });
		buffer.append(Buffer.from(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join('')));
		expect(buffer.lineCount).toBe(1000);
		expect(text(buffer, 999)).toBe('line 999');
	});

	it('tells at once, then at most every 40 ms, and never forgets the last bytes', () => {
		vi.useFakeTimers();
		try {
			const buffer = createOutputBuffer();
			const seen: number[] = [];
			buffer.changed.subscribe(() => seen.push(buffer.byteCount));
			for (let at = 0; at < 100; at++) {
				buffer.append(Buffer.from('x\n'));
				vi.advanceTimersByTime(1);
			}
			expect(seen).toEqual([2, 80, 160]);
			vi.advanceTimersByTime(1000);
			expect(seen).toEqual([2, 80, 160, 200]);
			expect(buffer.changed.get()).toBe(100);
		} finally {
			vi.useRealTimers();
		}
	});

	it('knows when a line began', () => {
		let now = 1000;
		const buffer = createOutputBuffer({ now: () => now });
		buffer.append(Buffer.from('a'));
		now = 2000;
		buffer.append(Buffer.from('b\nc'));
		expect([buffer.time?.(0), buffer.time?.(1), buffer.time?.(2)]).toEqual([1000, 2000, undefined]);
	});
});
