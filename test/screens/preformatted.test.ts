import { expect, it } from 'vitest';
import { preformatted } from '../../src/components/preformatted.ts';

const rows = (text: string, width: number) =>
	preformatted(text, width, ' ').map((row) => row.map((part) => part.text).join(''));

it('keeps the columns of a table where it fits, and breaks what does not', () => {
	const table = 'SERVICE   STATUS    IMAGE\nweb       Up 2 hours  nginx:1\n\tindented';
	expect(rows(table, 60)).toEqual([
		' │ SERVICE   STATUS    IMAGE',
		' │ web       Up 2 hours  nginx:1',
		' │     indented',
	]);
	expect(rows('web       Up 2 hours  nginx:1', 20)).toEqual([' │ web Up 2 hours', ' │   nginx:1']);
});
