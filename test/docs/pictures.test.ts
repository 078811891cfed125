import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cell, margin } from '../helpers/picture.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** Returns the rows of a picture, as they are read. */
const rowsOf = (name: string): readonly string[] => {
	const rows = new Map<number, string>();
	for (const [, x, y, text = ''] of readFileSync(join(folder, name), 'utf8').matchAll(
		/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g,
	)) {
		// As far apart as they are in the picture.
		const before = rows.get(Number(y)) ?? '';
		rows.set(Number(y), `${before.padEnd(Math.round((Number(x) - margin) / cell.width))}${text}`);
	}
	return [...rows].toSorted(([a], [b]) => a - b).map(([, row]) => row);
};
/** Returns how many rows the terminal had. */
const rowsIn = (name: string): number => {
	const [, height] = /viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
	return (Number(height) - 2 * margin) / cell.height;
};
const textOf = (name: string) => rowsOf(name).join('\n');
const names = readdirSync(folder).filter((name) => name.endsWith('.svg') && name !== 'incident.svg');

test.each(names)('%s has no hole where the name of its host was longer', (name) => {
	expect(textOf(name)).not.toMatch(/203\.0\.113\.7 +\)/);
});

test.each(['choice', 'runs', 'targets'])('%s.svg is not mostly blank', (name) => {
	const rows = rowsOf(`${name}.svg`);
	expect(rows.length).toBeGreaterThanOrEqual(rowsIn(`${name}.svg`) / 2);
});

test('the comparison is of two deployments of one project: each service is on both sides', () => {
	expect(textOf('compare.svg')).not.toContain('no container');
	expect(textOf('compare.svg')).toMatch(/≠ \d+ differences/);
});

test.each([...names, 'incident.svg'])('%s stretches no letters over spaces, which browsers collapse', (name) => {
	const texts = [...readFileSync(join(folder, name), 'utf8').matchAll(/<text[^>]*>([^<]*)</g)].map(
		([, text = '']) => text,
	);
	expect(texts.filter((text) => /^ | {2}| $/.test(text))).toEqual([]);
});

describe('the picture of the dashboard', () => {
	test('is taken when everything has been read', () => {
		const text = textOf('dashboard.svg');
		expect(text).toContain('Suggested');
		expect(text).not.toMatch(/not read yet|not checked yet|· 0 lines/);
		expect(text).toContain('KeyError');
		// The header counts what it names.
		const [, count = '', ids = ''] = /✗ (\d) of \d checks failed {0,2}((?:[a-z]+, )*[a-z]+)?/.exec(text) ?? [];
		expect(ids === '' ? count : String(ids.split(', ').length)).toBe(count);
	});

	test('shows what containers use', () => {
		expect(textOf('dashboard.svg')).toMatch(/alertmanager.*\d%/);
	});
});

test.each(['small', 'choice', 'plan', 'undo', 'runs', 'targets', 'compare'])(
	'%s.svg is taken when its keys are alive and all has been read',
	(name) => {
		const text = textOf(`${name}.svg`);
		expect(text).not.toMatch(/not read yet|not checked yet|have not run yet|Reading what|◌/);
		// The demo has a row below the keys.
		expect(rowsOf(`${name}.svg`).slice(-2).join()).toMatch(/ Enter /);
	},
);
