import { describe, expect, it } from 'vitest';
import { menuWidth } from '../../src/screens/dashboard/layout.ts';
import { menuItems, menuRows } from '../../src/screens/dashboard/menu-rows.ts';
import type { ProcedureSummary } from '../../src/stores/workspace.ts';

const procedure = (id: string, title: string): ProcedureSummary => ({
	...{ id, title, group: 'Scenarios', when: '', risk: 'disruptive', inputs: [], undoable: true },
});
const crash = procedure('engine-crash', 'Engine crash after a deployment');
const others = Array.from({ length: 12 }, (_, at) => procedure(`other-${at}`, `Another procedure ${at}`));
const why =
	"trading-engine keeps restarting, with an error (trading-engine is restarting, restarted 10 times; the log says KeyError: 'target_vol')";

const rowsOf = (reason: string, width: number, height: number): readonly string[] =>
	menuRows(
		menuItems([crash, ...others], { procedure: 'engine-crash', why: reason }),
		{ width, height },
		'engine-crash',
		true,
	).map((row) => row.map(({ text }) => text).join(''));

describe('a suggestion at 80×24', () => {
	const width = menuWidth(80);

	it('has its whole title, and its whole reason below', () => {
		const rows = rowsOf(why, width, 12);
		expect(rows[1]).toContain(crash.title);
		expect(
			rows
				.slice(2, 7)
				.map((row) => row.trim())
				.join(' '),
		).toBe(why);
		expect(rows[7]).toContain('Scenarios');
	});

	it('leaves half of the menu to the others, however long its reason is', () => {
		const rows = rowsOf(`${why} ${why} ${why}`, width, 12);
		expect(rows[7]).toMatch(/…$/);
		expect(rows.slice(8).join('\n')).toContain('Another procedure 0');
	});
});

it('the title of a procedure is never cut to say its risk in a word', () => {
	for (const columns of [80, 90, 100, 110, 118, 119, 120, 140, 200]) {
		const row = rowsOf(why, menuWidth(columns), 12)[1];
		expect(row, `${columns} columns`).toContain(crash.title);
	}
});
