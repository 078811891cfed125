import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { textPrinter } from '../../src/commands/run-text-printer.ts';
import type { Masked } from '../../src/runbook/masked.ts';
import { jsonText } from '../../src/terminal/json-text.ts';
import { leaks, poisons } from '../security/poison.ts';
import { patience, runs } from './runs.ts';

vi.setConfig({ testTimeout: patience });

afterEach(() => {
	vi.restoreAllMocks();
});

const bytes = fc
	.array(
		fc.oneof(
			fc
				.constantFrom(...Object.values(poisons), '\n', '\r\n', 'é', '名', '\u001b', '\u009b', 'plain ')
				.map((text) => Buffer.from(text)),
			fc.uint8Array({ maxLength: 12 }).map((raw) => Buffer.from(raw)),
		),
		{ maxLength: 12 },
	)
	.map((parts) => Buffer.concat(parts));

/** Returns what the command line writes for a run's output that arrives in these pieces. */
const written = (pieces: readonly Buffer[]): string => {
	let out = '';
	const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
		out += String(text);
		return true;
	});
	const printer = textPrinter();
	let at = 0;
	for (const piece of pieces) {
		// Passed as masked: the masker is tested elsewhere.
		printer.output(piece as Masked<Buffer>, at, at + piece.length);
		at += piece.length;
	}
	printer.end();
	spy.mockRestore();
	return out;
};

test('output is the same however it is cut, and never steers a terminal', () => {
	fc.assert(
		fc.property(bytes, fc.array(fc.nat(200), { maxLength: 6 }), (all, cuts) => {
			const places = [0, ...cuts.filter((at) => at <= all.length).toSorted((a, b) => a - b), all.length];
			const pieces = places.slice(1).map((end, index) => all.subarray(places[index], end));
			const whole = written([all]);
			expect(written(pieces)).toBe(whole);
			expect(leaks(whole, { screen: false })).toEqual([]);
		}),
		runs(300),
	);
});

test('JSON that is written is the same value, and never steers a terminal', () => {
	fc.assert(
		fc.property(fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), bytes.map(String)), (value) => {
			const text = jsonText(value);
			expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
			expect(leaks(text, { screen: false, json: true })).toEqual([]);
		}),
		runs(60),
	);
});
