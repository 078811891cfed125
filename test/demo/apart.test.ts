import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

test('only the command of the demo loads the demo', () => {
	const loading = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.tsx?$/.test(name))
		.filter((name) => /(from|import\() *'(\.\.\/)+demo\//.test(readFileSync(join(root, 'src', name), 'utf8')));
	expect(loading).toEqual([join('commands', 'demo.ts')]);
});
