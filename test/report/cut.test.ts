import { describe, expect, test } from 'vitest';
import { type CopyEntry, copiedUpTo, parseCopy } from '../../src/runbook/read-copy.ts';
import { buildRun } from '../../src/services/runner/client/build-run.ts';
import { plan, run, verdict } from './fixture.ts';

const { id, who, reason, startedAt } = run;
// Small, for every byte of it is tried.
const small = { ...plan, inputs: [], environment: {}, preconditions: [], steps: plan.steps.slice(0, 1) };
const ended = { state: 'succeeded' as const, steps: [], outputBytes: 19, facts: {} };

/** A journal as it grows: each line whole or not there. */
const entries: readonly CopyEntry[] = [
	{ type: 'plan', at: 1, run: { id, plan: small, who, reason, startedAt } },
	{ type: 'state', at: 2, run: { ...ended, state: 'running' } },
	{ type: 'output', at: 3, from: 0, to: 9, text: 'line one\n' },
	{ type: 'output', at: 4, from: 9, to: 19, text: 'zweite ü\n' },
	{ type: 'state', at: 5, run: ended },
];
const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
const whole = Buffer.from(lines.join(''));

test('a copy cut at any byte tells what came whole before', () => {
	// The number of complete lines when this many bytes have arrived; a line is complete even without its newline.
	const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('')) - 1);
	for (let size = 0; size <= whole.length; size++) {
		const text = whole.subarray(0, size).toString('utf8');
		const count = ends.filter((end) => end <= size).length;
		const copy = parseCopy(text);
		expect(copy?.asOf, `at byte ${size}`).toBe([undefined, 1, 2, 2, 2, 5][count]);
		expect(copy?.run.state).toBe([undefined, 'unknown', 'unknown', 'unknown', 'unknown', 'succeeded'][count]);
		expect(copiedUpTo(text)).toBe([0, 0, 0, 9, 19, 19][count]);
		expect(copy?.output.map((piece) => piece.text).join('') ?? '').toBe(
			['', '', '', 'line one\n', 'line one\nzweite ü\n', 'line one\nzweite ü\n'][count],
		);
	}
});

test('what is written after a cut is read as well', () => {
	const last = Buffer.from(lines[4] ?? '');
	const first = Buffer.from(lines.slice(0, 4).join(''));
	for (const size of [1, 10, last.length >> 1, last.length - 2]) {
		const text = `${Buffer.concat([first, last.subarray(0, size)]).toString('utf8')}\n${lines[4]}`;
		expect(parseCopy(text)?.run.state).toBe('succeeded');
	}
});

describe('a file of the run’s folder on the host, cut at any byte', () => {
	const second = { ...verdict, verdict: 'failed' as const, reason: 'later' };
	const files = {
		'plan.json': JSON.stringify(plan),
		'about.json': JSON.stringify({ procedure: 'rollback-commit', title: 'x', risk: 'disruptive', who, reason }),
		started: `${startedAt}\n`,
		records: 'begin 1 01-build 1000 0\nend 1 01-build 2000 9 0\nfact image\tsha256:1\nbegin 2 02-switch 2000 9\n',
		verdicts: `${JSON.stringify(verdict)}\n${JSON.stringify(second)}\n`,
		readings: (run.readings ?? []).map((one) => `${JSON.stringify(one)}\n`).join(''),
		out: '12',
	};
	const build = (name: string, text: string) =>
		buildRun({ id, files: new Map(Object.entries({ ...files, alive: '', [name]: text })) }, 'host');

	test.each(['verdicts', 'readings'] as const)('%s: the lines before it are there', (name) => {
		const text = files[name];
		const firstEnd = text.indexOf('\n');
		for (let size = 0; size <= text.length; size += size < 20 || size > text.length - 20 ? 1 : 7) {
			const { verdicts = [], readings = [] } = build(name, text.slice(0, size));
			const found = name === 'verdicts' ? verdicts.length : readings.length;
			expect(found, `at byte ${size}`).toBe(size >= text.length - 1 ? 2 : size >= firstEnd ? 1 : 0);
		}
	});

	test.each(Object.keys(files))('%s: the run is still read', (name) => {
		const text = files[name as keyof typeof files];
		for (let size = 0; size <= text.length; size += text.length > 400 ? 13 : 1) {
			const read = build(name, text.slice(0, size));
			expect(read.id).toBe(id);
			if (name !== 'records') {
				expect(read.steps[0]).toMatchObject({ state: 'succeeded', exitCode: 0 });
			}
			if (name !== 'about.json') {
				expect(read.who).toEqual(who);
			}
		}
	});
});
