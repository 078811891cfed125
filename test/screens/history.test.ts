import { describe, expect, it, vi } from 'vitest';
import { widthOf } from '../../src/components/line.ts';
import type { PastDeployment } from '../../src/runbook/history.ts';
import { historyChart, stackedCharts } from '../../src/screens/charts.ts';
import { recordHistory, resample, type Sample } from '../../src/stores/history.ts';
import { createFakeWorkspace } from './fake-workspace.ts';
import { night } from './made-up.ts';

const at = (seconds: number, value: number | undefined, heldMs = 5000): Sample => ({
	at: night + seconds * 1000,
	value,
	heldMs,
});
const second = (seconds: number) => night + seconds * 1000;
const textOf = (rows: ReturnType<typeof historyChart>) => rows.map((row) => row.map(({ text }) => text).join(''));

describe('values at even distances', () => {
	it('are the mean of each stretch, and the last one while it stands', () => {
		const samples = [at(1, 10), at(2, 20), at(11, 30), at(41, 5)];
		expect(resample(samples, { to: second(50), stepMs: 10_000, count: 5 })).toEqual([15, 30, undefined, undefined, 5]);
		expect(resample([at(1, 10, 25_000)], { to: second(50), stepMs: 10_000, count: 5 })).toEqual([
			10,
			10,
			10,
			undefined,
			undefined,
		]);
	});

	it('are unknown from where nothing was read', () => {
		const samples = [at(1, 10, 60_000), at(11, undefined, 60_000)];
		expect(resample(samples, { to: second(40), stepMs: 10_000, count: 4 })).toEqual([10, 10, undefined, undefined]);
	});

	it('begin with what stood before the first stretch', () => {
		expect(resample([at(-3, 7)], { to: second(20), stepMs: 1000, count: 20 }).slice(0, 4)).toEqual([
			7,
			7,
			7,
			undefined,
		]);
	});
});

describe('what is recorded', () => {
	const record = () => {
		const fake = createFakeWorkspace();
		let now = night;
		const history = recordHistory(fake.workspace.readings);
		const change = (seconds: number, service: string, more: object) => {
			now = second(seconds);
			fake.stores.containers.update(({ value = [], ...one }) => ({
				...one,
				at: now,
				value: value.map((row) => (row.service === service ? { ...row, ...more } : row)),
			}));
		};
		return { fake, history, change };
	};

	it('is the use of each container, unknown while it does not run', () => {
		const { history, change } = record();
		change(2, 'postgres', { cpuPercent: 50 });
		change(4, 'postgres', { status: 'exited', exitCode: 0 });
		expect(history.cpu('abstractfinance-postgres-1').map(({ value }) => value)).toEqual([6, 50, undefined]);
		expect(history.cpu('abstractfinance-trading-engine-1')).toEqual([]);
	});

	it('is a sample at most each second and a half, half an hour of them', () => {
		const { history, change } = record();
		for (let step = 1; step <= 2000; step++) {
			change(step, 'postgres', { cpuPercent: step });
		}
		const samples = history.cpu('abstractfinance-postgres-1');
		expect(samples).toHaveLength(900);
		expect(samples.at(-1)?.value).toBe(2000);
	});

	it('tells restarts with their exit codes, containers made anew, deployments and runs', () => {
		const { fake, history, change } = record();
		change(3, 'postgres', { status: 'exited', exitCode: 137 });
		change(4, 'postgres', { status: 'running', exitCode: undefined, startedAt: second(4) });
		change(5, 'grafana', { id: 'other', startedAt: second(5) });
		fake.stores.commit.update(({ value, ...one }) => ({
			...one,
			at: second(6),
			value: value && { ...value, hash: 'f'.repeat(40) },
		}));
		const labels = (service?: string) => history.marks(service).map(({ label }) => label);
		expect(labels()).toEqual([
			'run: Gateway does not connect',
			'run: Roll back to a commit',
			'postgres restarted, exit code 137',
			'grafana recreated',
			'commit fffffff deployed',
		]);
		expect(labels('grafana')).not.toContain('postgres restarted, exit code 137');
		history.close();
		change(9, 'postgres', { startedAt: second(9) });
		expect(labels()).toHaveLength(5);
	});
});

describe('the deployments that the host knows of', () => {
	const pull: PastDeployment = {
		...{ at: second(-60), source: 'git', how: 'pull: Fast-forward', images: [] },
		...{ commit: 'ffffeeee00001111222233334444555566667777', by: 'deploy' },
	};
	const byRun: PastDeployment = { at: second(-3000), source: 'run', how: 'Roll back', images: [], run: 'r' };
	const made: PastDeployment = {
		at: second(4),
		source: 'containers',
		how: 'grafana recreated',
		images: [{ service: 'grafana', image: 'grafana', imageId: 'sha256:1' }],
	};

	it('are marked once, also those before the dashboard was opened', async () => {
		const fake = createFakeWorkspace();
		let known: readonly PastDeployment[] = [byRun, pull];
		let reads = 0;
		const history = recordHistory(fake.workspace.readings, async () => {
			reads += 1;
			return known;
		});
		const deployments = () =>
			history.marks('postgres').flatMap(({ kind, label }) => (kind === 'deployment' ? [label] : []));
		expect([deployments(), reads]).toEqual([[], 1]);
		await Promise.resolve();
		expect([deployments(), reads]).toEqual([['commit ffffeee deployed by deploy'], 1]);
		// Somebody deploys: the readings show it at once, and the history a little later.
		vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 20_000);
		known = [made, byRun, pull];
		fake.stores.containers.update(({ value = [], ...one }) => ({
			...one,
			at: second(5),
			value: value.map((row) => (row.service === 'grafana' ? { ...row, id: 'other', startedAt: second(5) } : row)),
		}));
		expect(history.marks('grafana').at(-1)).toMatchObject({ label: 'grafana recreated', service: 'grafana' });
		await Promise.resolve();
		expect(history.marks('grafana').at(-1)).toEqual({ at: second(4), kind: 'deployment', label: 'grafana recreated' });
		expect([deployments().length, reads]).toEqual([2, 2]);
		history.close();
		vi.restoreAllMocks();
	});

	it('are not read before a chart is drawn, nor while the link is down', () => {
		const fake = createFakeWorkspace();
		fake.stores.link.update((link) => ({ ...link, status: 'silent' }));
		let reads = 0;
		const history = recordHistory(fake.workspace.readings, async () => {
			reads += 1;
			return [];
		});
		expect(reads).toBe(0);
		history.marks();
		expect(reads).toBe(0);
		history.close();
	});
});

describe('a chart', () => {
	const samples = Array.from({ length: 50 }, (_, step) => at(step * 2 - 100, step));
	const marks = [
		{ at: second(-50), kind: 'restart' as const, label: 'engine restarted, exit code 1' },
		{ at: second(-5000), kind: 'run' as const, label: 'long ago' },
	];
	const request = { kind: 'cpu' as const, title: 'CPU', samples, marks, now: night };

	it.each([
		[120, 30],
		[80, 12],
		[40, 6],
	])('is exactly as large as it may be at %i×%i', (width, height) => {
		const rows = textOf(historyChart(request, width, height));
		expect(rows).toHaveLength(height);
		for (const row of rows) {
			expect(widthOf(row.trimEnd())).toBeLessThanOrEqual(width);
		}
	});

	it('has the value now, an axis with figures and times, and the marks of its time', () => {
		const text = textOf(historyChart(request, 100, 14)).join('\n');
		expect(text).toMatch(/CPU .*49%\s+least 0.0%, most 49%/);
		expect(text).toMatch(/^ +4\d% │/m);
		expect(text).toMatch(/└─+▲─+$/m);
		expect(text).toMatch(/\d\d:\d\d +\d\d:\d\d +\d\d:\d\d now/);
		expect(text).toContain('▲ ');
		expect(text).toContain('engine restarted, exit code 1');
		expect(text).not.toContain('long ago');
	});

	it('says that nothing was read, and shows a value that does not change', () => {
		expect(textOf(historyChart({ ...request, samples: [] }, 80, 10)).join('\n')).toContain('nothing was read yet');
		const flat = Array.from({ length: 50 }, (_, step) => at(step * 2 - 100, 7));
		const text = textOf(historyChart({ ...request, kind: 'metric', samples: flat }, 80, 10)).join('\n');
		expect(text).toMatch(/[▁-█]/);
	});

	it('is left out from the end where there is no room for all, and scrolled to', () => {
		const requests = ['a', 'b', 'c'].map((title) => ({ ...request, title }));
		const titles = (from: number) =>
			textOf(stackedCharts(requests, { width: 80, height: 16, from })).flatMap(
				(row) => /^─ (\w) ─/.exec(row)?.[1] ?? [],
			);
		expect(titles(0)).toEqual(['a', 'b']);
		expect(titles(1)).toEqual(['b', 'c']);
		expect(titles(9)).toEqual(['b', 'c']);
		expect(stackedCharts(requests, { width: 80, height: 60 })).toHaveLength(60);
	});

	it('has at least its title, with the value now, where it cannot be scrolled to', () => {
		const requests = ['a', 'b'].map((title) => ({ ...request, title }));
		const rows = textOf(stackedCharts(requests, { width: 80, height: 7, leastRows: 1 }));
		expect(rows).toEqual([expect.stringMatching(/^─ a ─.*49%/), expect.stringMatching(/^─ b ─.*49%/)]);
	});
});

describe('the first readings', () => {
	it('are no restarts: a container is listed before it is known since when it runs', () => {
		const fake = createFakeWorkspace({ containers: (usual) => usual.map((row) => ({ ...row, startedAt: undefined })) });
		const history = recordHistory(fake.workspace.readings);
		fake.stores.containers.update(({ value = [], ...one }) => ({
			...one,
			value: value.map((row) => ({ ...row, startedAt: night - 5000 })),
		}));
		expect(history.marks().filter(({ kind }) => kind !== 'run')).toEqual([]);
	});
});
