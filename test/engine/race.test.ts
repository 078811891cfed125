import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { plainProject } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';

interface Listed {
	readonly type: string;
	readonly id: string;
	readonly procedure: string;
	readonly state: string;
	readonly startedAt: number;
	readonly endedAt?: number;
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe.skipIf(withoutEngine)('twenty that want the lock at once', () => {
	test('twelve pipelines and four operators wait and come through, four that do not wait are told who has it', {
		tags: 'long',
		timeout: 1_200_000,
	}, async ({ openSite }) => {
		const site = await openSite();
		await site.commit('version 1', plainProject('1'));
		await site.deploy();
		const pipeline = (number: number, ...more: string[]) =>
			site.backout(
				...['with-lock', '--no-restore-point', ...more, '--', 'sh', '-c'],
				`echo "begin ${number}" >>../marks; sleep 0.5; echo "end ${number}" >>../marks`,
			);
		const operator = () => site.backout('run', 'restart-service', '--input', 'restarted=web', '--yes', '--wait', '15m');
		const [waiting, operators, hasty] = await Promise.all([
			Promise.all(numbers(12).map((number) => pipeline(number, '--wait', '15m'))),
			Promise.all(numbers(4).map(operator)),
			Promise.all(numbers(4, 12).map((number) => pipeline(number))),
		]);
		for (const { code, text } of [...waiting, ...operators]) {
			expect(code, text).toBe(0);
		}
		for (const { code, text } of hasty) {
			expect([0, 4], text).toContain(code);
			if (code === 4) {
				expect(text).toMatch(/(with-lock|restart-service) .*run \d{8}T|is locked|has the lock/);
			}
		}
		// One at a time: each has ended before the next begins.
		const marks = readFileSync(join(site.folder, 'marks'), 'utf8').trimEnd().split('\n');
		const through = 12 + hasty.filter(({ code }) => code === 0).length;
		expect(marks).toHaveLength(2 * through);
		expect(marks.filter((_, index) => index % 2 === 1)).toEqual(
			marks.filter((_, index) => index % 2 === 0).map((line) => line.replace('begin', 'end')),
		);
		// The journal states the order, for runs of every kind, and no two of them overlap.
		const runs = (await site.backout('runs', '--json')).text
			.split('\n')
			.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Listed] : []))
			.toSorted((a, b) => a.startedAt - b.startedAt);
		expect(runs).toHaveLength(through + 4);
		for (const [index, run] of runs.entries()) {
			expect(run.state).toBe('succeeded');
			expect(run.endedAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(runs[index + 1]?.startedAt ?? Infinity);
		}
		const waited = [...waiting, ...operators].filter(({ text }) => text.includes('waiting for the lock'));
		process.stderr.write(
			`${through} pipelines and 4 operators came through, ${4 - (through - 12)} were refused, ${waited.length} waited\n`,
		);
		expect(waited.length).toBeGreaterThan(0);
	});
});
