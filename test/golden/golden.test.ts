// Whole texts of pure renderers, as a user sees them, each in a file beside this one. After a change that is meant:
// `npx vitest run --project unit test/golden -u`, and read the difference before it is committed.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planText } from '../../src/commands/plan-text.ts';
import type { Line } from '../../src/components/line.ts';
import type { ContainerReading } from '../../src/runbook/reading.ts';
import { reportMarkdown } from '../../src/runbook/report/report-markdown.ts';
import { containersRows } from '../../src/screens/dashboard/containers-rows.ts';
import { foldRows } from '../../src/screens/folds/fold.ts';
import { planFolds } from '../../src/screens/procedure/plan-rows.ts';
import { night, plan, reportOf } from '../report/fixture.ts';

/** Without what differs from process to process: the digits in place of a secret, and the local time of a plan. */
const stable = (text: string): string =>
	text.replaceAll(/••••[0-9a-f]{4}/g, '••••xxxx').replaceAll(/(?<=Plan made at )[\d:]+/g, 'HH:MM:SS');
const golden = (text: string, file: string) =>
	expect(`${stable(text).trimEnd()}\n`).toMatchFileSnapshot(join(import.meta.dirname, file));
const textOf = (rows: readonly Line[]): string =>
	rows
		.map((row) =>
			row
				.map(({ text }) => text)
				.join('')
				.trimEnd(),
		)
		.join('\n');

const planPage = (width: number, whole: boolean): readonly Line[] => {
	const folds = planFolds(plan, { width, library: '# Says what is built.\ntold() { echo "$directory"; }\n' });
	return foldRows(folds, new Set(whole ? folds.map(({ id }) => id) : [])).map(({ row }) => row);
};

test('the incident report', () => golden(reportMarkdown(reportOf()), 'report.md'));

test('backout plan', () => golden(planText(plan), 'plan.txt'));

test('backout plan --full', () =>
	golden(planText(plan, { full: true, library: 'docker() { command docker "$@"; }\n' }), 'plan-full.txt'));

test('backout plan, refused, with a long log', () => {
	const [first] = plan.preconditions;
	const refused = first === undefined ? [] : [first, { ...first, title: 'Another commit', state: 'failed' as const }];
	const text = `Traceback (most recent call last):\n${'  File "x.py", line 1\n'.repeat(20)}KeyError: 'grace'\n`;
	const previews = [
		{ title: 'The last traceback', text },
		{ title: 'Commits between', text: 'Taken back (1):\n  a1b2c3d Trade faster' },
	];
	return golden(planText({ ...plan, preconditions: refused, previews }), 'plan-refused.txt');
});

test.each([40, 80, 120])('the plan on the screen, %i cells wide', (width) =>
	golden(textOf(planPage(width, false)), `plan-rows-${width}.txt`),
);

test.each([40, 120])('the plan with everything unfolded, %i cells wide', (width) =>
	golden(textOf(planPage(width, true)), `plan-unfolded-${width}.txt`),
);

const mebibyte = 1024 * 1024;
const container = (service: string, more: Partial<ContainerReading> = {}): ContainerReading => ({
	id: service,
	name: `app-${service}-1`,
	service,
	status: 'running',
	restarts: 0,
	startedAt: night - 3 * 3_600_000,
	image: `registry.example/${service}:1.10.0`,
	imageId: 'sha256:0',
	state: 'ok',
	...more,
});
const containers = {
	value: [
		container('engine', { status: 'restarting', restarts: 12, state: 'down' }),
		container('gateway', { health: 'unhealthy', state: 'warn', cpuPercent: 97, startedAt: night - 40_000 }),
		container('postgres', {
			health: 'healthy',
			cpuPercent: 3,
			memoryBytes: 300 * mebibyte,
			memoryLimitBytes: 512 * mebibyte,
		}),
		container('migrate', { status: 'exited', exitCode: 0 }),
		container('worker', { status: 'exited', exitCode: 137, state: 'down' }),
		container('new', { status: 'created', state: 'unknown', startedAt: undefined }),
	],
	state: 'down',
	at: night,
	maxAgeMs: 10_000,
} as const;

test.each([40, 80, 120, 200])('the containers, %i cells wide', (width) =>
	golden(textOf(containersRows(containers, night, { width, height: 10 }, undefined)), `containers-${width}.txt`),
);
