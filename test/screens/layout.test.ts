import { describe, expect, it } from 'vitest';
import type { Rect } from '../../src/components/panel.ts';
import { layoutDashboard, panelIds } from '../../src/screens/dashboard/layout.ts';
import { layoutRun } from '../../src/screens/run/layout.ts';

const overlap = (a: Rect, b: Rect) =>
	a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Lists errors in the positions of the rectangles; empty when there are none. */
const faults = (columns: number, rows: number, rects: readonly Rect[]): string[] =>
	rects.flatMap((rect, index) => {
		const inside =
			rect.width > 0 &&
			rect.height > 0 &&
			rect.x >= 0 &&
			rect.x + rect.width <= columns &&
			rect.y + rect.height <= rows;
		const at = `${columns}×${rows} ${JSON.stringify(rect)}`;
		return [
			...(inside ? [] : [`${at} is outside`]),
			...rects
				.slice(index + 1)
				.flatMap((other) => (overlap(rect, other) ? [`${at} and ${JSON.stringify(other)}`] : [])),
		];
	});

describe('the dashboard’s layout', () => {
	it('puts no panel over another and none outside, at any size and with any focus', () => {
		const found: string[] = [];
		for (let columns = 40; columns <= 220; columns += 7) {
			for (let rows = 12; rows <= 70; rows += 3) {
				for (const focus of panelIds) {
					for (const zoomed of [false, true]) {
						const layout = layoutDashboard({ columns, rows, focus, zoomed });
						const rules = layout.separators.map(({ rect }) => rect);
						const rects = [layout.header, layout.footer, ...Object.values(layout.panels), ...rules];
						found.push(...faults(columns, rows, rects));
					}
				}
			}
		}
		expect(found).toEqual([]);
	});

	it.each([
		[200, 60],
		[120, 40],
		[80, 24],
		[60, 20],
		[40, 30],
	])('numbers the panels as they are read, column by column, at %i×%i', (columns, rows) => {
		const { panels } = layoutDashboard({ columns, rows, focus: 'containers' });
		const read = Object.entries(panels).toSorted(
			// The output is below both columns.
			([one, a], [other, b]) =>
				Number(one === 'output') - Number(other === 'output') ||
				Number(one === 'procedures' || one === 'links') - Number(other === 'procedures' || other === 'links') ||
				a.y - b.y ||
				a.x - b.x,
		);
		const ids = read.map(([id]) => id);
		const expected = panelIds.filter((id) => id in panels);
		// The panel of another monitor comes after the ninth, and has no number.
		const unnumbered: readonly string[] = panelIds.slice(9);
		expect(ids.filter((id) => !unnumbered.includes(id))).toEqual(expected.filter((id) => !unnumbered.includes(id)));
	});

	it('has nothing below the output, at any size', () => {
		for (const [columns, rows] of [
			[120, 40],
			[80, 24],
			[60, 20],
			[40, 12],
		] as const) {
			for (const focus of panelIds) {
				const { panels } = layoutDashboard({ columns, rows, focus });
				const ends = Object.values(panels).map(({ y, height }) => y + height);
				const { y = 0, height = 0 } = panels.output ?? {};
				expect(panels.output === undefined || y + height === Math.max(...ends), `${columns}×${rows} ${focus}`).toBe(
					true,
				);
			}
		}
	});

	it('shows every panel with its rows at 120×40', () => {
		const { panels, mode } = layoutDashboard({ columns: 120, rows: 40, focus: 'procedures' });
		expect(mode).toBe('wide');
		expect(Object.keys(panels).sort()).toEqual([...panelIds].sort());
		expect(panels.checks?.height).toBe(6);
		expect(panels.output?.height).toBeGreaterThanOrEqual(10);
	});

	it('keeps every panel but the links at 80×24, some as their title only', () => {
		const { panels } = layoutDashboard({ columns: 80, rows: 24, focus: 'procedures' });
		expect(Object.keys(panels).sort()).toEqual(panelIds.filter((id) => id !== 'links').sort());
		expect(panels.procedures?.height).toBeGreaterThanOrEqual(8);
		expect(panels.output?.height).toBeGreaterThanOrEqual(4);
	});

	it('gives the focused panel the room at 40×12, whichever it is', () => {
		for (const focus of panelIds) {
			const { panels, mode } = layoutDashboard({ columns: 40, rows: 12, focus });
			expect(mode).toBe('narrow');
			expect(panels[focus]?.height, focus).toBeGreaterThanOrEqual(5);
			expect(Object.keys(panels).length).toBeGreaterThan(1);
		}
	});

	it('says that it is too small below 40×12', () => {
		expect(layoutDashboard({ columns: 39, rows: 40, focus: 'output' }).mode).toBe('too-small');
		expect(layoutDashboard({ columns: 120, rows: 11, focus: 'output' }).mode).toBe('too-small');
	});
});

describe('a run’s layout', () => {
	it('puts nothing over anything else, and always shows the verdict and the output', () => {
		const found: string[] = [];
		for (let columns = 40; columns <= 220; columns += 9) {
			for (let rows = 12; rows <= 70; rows += 2) {
				for (const full of [false, true]) {
					const layout = layoutRun({ columns, rows, steps: 6, checks: 6, containers: 8, health: 2, verdict: 3, full });
					const { verdict, steps, checks, containers, health, output } = layout;
					const rects = [verdict, steps, checks, containers, health, output];
					found.push(
						...faults(
							columns,
							rows,
							rects.filter((rect) => rect !== undefined),
						),
					);
					expect(output.y + output.height).toBe(rows - 1);
					expect(output.width).toBe(columns);
				}
			}
		}
		expect(found).toEqual([]);
	});

	it('keeps the containers beside the steps from 120 columns on', () => {
		const request = { rows: 40, steps: 4, checks: 5, containers: 7, health: 2, verdict: 2, full: false };
		expect(layoutRun({ ...request, columns: 120 }).containers).toBeDefined();
		for (const columns of [60, 80, 120]) {
			const only = layoutRun({ ...request, columns, steps: 0 });
			expect(only.steps, `${columns}`).toBeUndefined();
			expect(only.checks?.height, `${columns}`).toBeGreaterThan(request.checks);
		}
		expect(layoutRun({ ...request, columns: 119 }).containers).toBeUndefined();
	});
});
