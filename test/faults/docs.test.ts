import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matrix } from './matrix.ts';

test('docs/faults.md says of each fault what its test expects', () => {
	const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'faults.md'), 'utf8');
	const [, table] = /<!-- link, client and host -->\n\n([\s\S]*?)\n<!-- end -->/.exec(text) ?? [];
	// A formatter may pad the cells.
	const plain = (markdown = '') => markdown.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---').trim();
	expect(plain(table)).toBe(plain(matrix()));
});
