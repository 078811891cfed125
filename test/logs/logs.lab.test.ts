import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followServiceLogs } from '../../src/application/logs/followed-logs.ts';
import type { FollowedLogs } from '../../src/stores/followed-logs.ts';
import { labIsThere, openProject, type TestProject } from '../helpers/containers.ts';
import { until } from '../helpers/until.ts';

const there = await labIsThere();

const linesOf = ({ lines, sources }: FollowedLogs): string[] =>
	Array.from({ length: lines.lineCount - lines.firstLine }, (_, index) => {
		const line = lines.firstLine + index;
		const { label } = sources.get()[lines.source(line) ?? -1] ?? { label: '?' };
		return `${label}: ${Buffer.from(lines.line(line) ?? []).toString()}`;
	});
const timesOf = ({ lines }: FollowedLogs): number[] =>
	Array.from({ length: lines.lineCount - lines.firstLine }, (_, index) => lines.time?.(lines.firstLine + index) ?? 0);
const holds = (logs: FollowedLogs, text: string) =>
	until(
		{ get: () => linesOf(logs).slice(-20), subscribe: logs.lines.changed.subscribe },
		() => linesOf(logs).some((line) => line.includes(text)),
		60_000,
	);

describe.skipIf(!there)('logs of a real Docker', () => {
	let project: TestProject;
	let logs: FollowedLogs | undefined;
	beforeEach(() => {
		project = openProject();
	});
	afterEach(async () => {
		logs?.close();
		await project.close();
	});

	test('of two services are one in the order of their times, to the beginning, and on through a restart', async () => {
		const count = 5000;
		const id = await project.run(
			'engine',
			`seq -f 'line %.0f' ${count}; head -c 40000 /dev/zero | tr '\\0' x; echo; exec sleep 600`,
		);
		await project.run('web', 'for n in 1 2 3; do echo "hit $n"; sleep 0.2; done; exec sleep 600');
		const target = { runbook: { checks: [], monitors: {} as never } };
		logs = followServiceLogs(project.instances, target, ['engine', 'web']);
		await holds(logs, 'hit 3');
		await holds(logs, 'xxxx');
		for (let round = 0; round < 4 && logs.older.get().state !== 'begins'; round++) {
			logs.readOlder();
			await until(logs.older, ({ state }) => state !== 'reading', 60_000);
		}
		expect(logs.older.get().state).toBe('begins');
		const engine = () =>
			linesOf(logs as FollowedLogs).filter((line) => line.startsWith('engine: ') && !line.includes('── '));
		const once = [
			...Array.from({ length: count }, (_, at) => `engine: line ${at + 1}`),
			`engine: ${'x'.repeat(40_000)}`,
		];
		expect(engine()).toEqual(once);
		const times = timesOf(logs);
		expect(times).toEqual([...times].sort((a, b) => a - b));
		await project.command('restart', '--time', '0', id);
		await holds(logs, 'engine started again');
		await until(
			{ get: () => engine().length, subscribe: logs.lines.changed.subscribe },
			(length) => length > 2 * count,
			60_000,
		);
		expect(engine()).toEqual([...once, ...once]);
	});
});
