import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { textPrinter } from '../../src/commands/run-text-printer.ts';
import type { Masked } from '../../src/runbook/masked.ts';
import type { Run } from '../../src/runbook/run.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

const plan = {
	steps: [
		{ id: 'one', title: 'one', kind: 'run' },
		{ id: 'two', title: 'two', kind: 'run' },
	],
};
const begun = (...outputFrom: readonly number[]): Run =>
	({
		id: 'run',
		state: 'running',
		plan,
		steps: outputFrom.map((from, at) => ({ id: plan.steps[at]?.id, state: 'running', outputFrom: from })),
	}) as unknown as Run;

test.each([1, 60, 119])('output that comes %d ms before the next print waits for its record, too', (before) => {
	let out = '';
	vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
		out += String(text);
		return true;
	});
	const printer = textPrinter();
	const output = (text: string, at: number) =>
		printer.output(Buffer.from(text) as Masked<Buffer>, at, at + text.length);
	printer.run(begun(0));
	output('first\n', 0);
	vi.advanceTimersByTime(120 - before);
	output('second\n', 6);
	vi.advanceTimersByTime(100);
	printer.run(begun(0, 6));
	vi.advanceTimersByTime(500);
	expect(out).toMatch(/one[\s\S]*first\n[\s\S]*two[\s\S]*second\n$/);
	printer.end();
});
