import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** Returns the rows of a picture, as they are read. */
const rowsOf = (name: string): readonly string[] => {
	const rows = new Map<number, string>();
	for (const [, y, text = ''] of readFileSync(join(folder, name), 'utf8').matchAll(
		/<text [^>]* y="([\d.]+)"[^>]*>([^<]*)</g,
	)) {
		rows.set(Number(y), `${rows.get(Number(y)) ?? ''}${text}`);
	}
	return [...rows].toSorted(([a], [b]) => a - b).map(([, row]) => row);
};
const textOf = (name: string) => rowsOf(name).join('\n');
const names = readdirSync(folder).filter((name) => name.endsWith('.svg') && name !== 'incident.svg');

test.each(names)('%s has no hole where the name of its host was longer', (name) => {
	expect(textOf(name)).not.toMatch(/203\.0\.113\.7 +\)/);
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

test.each(['small', 'choice', 'plan', 'undo'])(
	'%s.svg is taken when its keys are alive and all has been read',
	(name) => {
		const text = textOf(`${name}.svg`);
		expect(text).not.toMatch(/not read yet|not checked yet|have not run yet/);
		expect(rowsOf(`${name}.svg`).at(-1)).toMatch(/Enter/);
	},
);
