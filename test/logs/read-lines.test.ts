import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { errorTest, logLines } from '../../src/services/logs/log-lines.ts';

const stamp = '2026-11-22T03:10:02.123456789Z';
const engine = (...texts: readonly string[]): Pick<Engine, 'logs'> => ({
	logs: async function* () {
		for (const text of texts) {
			yield { stream: 'stdout', bytes: Buffer.from(text) };
		}
	},
});
const textsOf = async (...texts: readonly string[]): Promise<readonly string[]> => {
	const found: string[] = [];
	for await (const { text } of logLines(engine(...texts), { id: 'a', tty: false }, {})) {
		found.push(text);
	}
	return found;
};

describe('errors in a log are found', () => {
	const [a, b] = ['a'.repeat(16_384), 'b'.repeat(16_380)];

	test('far behind the beginning of a line, and where Docker has cut it', async () => {
		const [line = '', next] = await textsOf(`${stamp} ${a}`, `${stamp} ${b}fata`, `${stamp} l: x\n`, `${stamp} next\n`);
		expect([line, next]).toEqual([`${a}${b}fatal: x`, 'next']);
		const isError = errorTest('FATAL: x', undefined);
		expect(isError(line)).toBe(true);
		expect(isError(`${a}${b}`)).toBe(false);
		expect(errorTest('fatal', ': x$')(line)).toBe(false);
	});

	test.for([0, 1, 15_000, 15_355, 15_359, 15_360, 16_380, 31_000, 900_000])('after %i characters', (at) => {
		expect(errorTest('fatal: x', undefined)(`${'a'.repeat(at)}fatal: x${'b'.repeat(20_000)}`)).toBe(true);
	});

	test('by the beginning and the end of the line, and not of a part of it', () => {
		expect(errorTest('^b', undefined)(`${a}${b}`)).toBe(false);
		expect(errorTest('^a', undefined)(`${a}${b}`)).toBe(true);
		expect(errorTest('b$', undefined)(`${a}${b}`)).toBe(true);
	});

	test('whatever colours it has', () => {
		const isError = errorTest('^level=error', 'level=error .*quiet');
		expect(isError('\u001b[36mlevel=\u001b[0m\u001b[1;31merror\u001b[0m down')).toBe(true);
		expect(isError('\u001b[36mlevel=\u001b[0merror \u001b[2mquiet')).toBe(false);
	});
});
