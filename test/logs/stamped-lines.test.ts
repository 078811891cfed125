import { describe, expect, test } from 'vitest';
import { createDemultiplexer } from '../../src/engines/docker/frames.ts';
import { createResumePoint } from '../../src/services/logs/resume-point.ts';
import { createStampedCutter, type StampedLine } from '../../src/services/logs/stamped-lines.ts';

const stamp = '2026-11-22T03:10:02.123456789Z';
const frame = (text: string, stream = 1): Buffer => {
	const payload = Buffer.from(text);
	const header = Buffer.alloc(8);
	header[0] = stream;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};
const cut = (bytes: Buffer, pieceBytes: number): string[] => {
	const demultiplex = createDemultiplexer();
	const cutter = createStampedCutter();
	const lines: StampedLine[] = [];
	const show = ({ seconds, nanos, bytes: line }: StampedLine) => `${seconds}.${nanos} ${line.toString()}`;
	const shown: string[] = [];
	for (let at = 0; at < bytes.length; at += pieceBytes) {
		for (const chunk of demultiplex(bytes.subarray(at, at + pieceBytes))) {
			lines.push(...cutter.push(chunk));
			shown.push(...lines.splice(0).map(show));
		}
	}
	return [...shown, ...cutter.end().map(show)];
};
const seconds = Date.parse('2026-11-22T03:10:02Z') / 1000;

describe('lines with times', () => {
	test.each([100_000, 64])('are the same however the stream is cut (%i bytes)', (pieceBytes) => {
		const bytes = Buffer.concat([
			frame(`${stamp} one\n`),
			frame('2026-11-22T03:10:02.5Z two\r\n', 2),
			frame('2026-11-23T00:00:00Z the day after, without an end'),
		]);
		expect(cut(bytes, pieceBytes)).toEqual([
			`${seconds}.123456789 one`,
			`${seconds}.500000000 two`,
			`${Date.parse('2026-11-23T00:00:00Z') / 1000}.0 the day after, without an end`,
		]);
	});

	test('a long line, which Docker gives in pieces with a time before each, is one line with one time', () => {
		const [a, b] = ['a'.repeat(16_384), 'b'.repeat(16_384)];
		const bytes = Buffer.concat([frame(`${stamp} ${a}`), frame(`${stamp} ${b}`), frame(`${stamp} end\n`)]);
		expect(cut(bytes, 1_000_000)).toEqual([`${seconds}.123456789 ${a}${b}end`]);
	});

	test('a line without a time is kept, and one that only looks like it as well', () => {
		expect(cut(frame('plain\n2026-99-22T03:10:02Z odd\n'), 1000)).toEqual([
			'undefined.0 plain',
			'undefined.0 2026-99-22T03:10:02Z odd',
		]);
	});
});

describe('a log that is read on', () => {
	const line = (nanos: number): StampedLine => ({ seconds, nanos, bytes: Buffer.from(''), pieces: 1 });

	test('passes over what was read, each line once, also where times are the same or not in order', () => {
		const point = createResumePoint();
		for (const nanos of [10, 30, 20, 30]) {
			point.note(line(nanos));
		}
		expect(point.resume()).toBe(BigInt(seconds) * 1_000_000_000n + 10n);
		expect([10, 30, 20, 30, 30, 25, 40].map((nanos) => point.isKnown(line(nanos)))).toEqual([
			...[true, true, true, true],
			...[false, false, false],
		]);
		expect(point.met).toBe(true);
	});

	test('notices that nothing of what was read is there any more', () => {
		const point = createResumePoint();
		point.note(line(10));
		point.resume();
		expect(point.isKnown(line(50))).toBe(false);
		expect(point.met).toBe(false);
	});
});
