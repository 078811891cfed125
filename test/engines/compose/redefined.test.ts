import { expect, test } from 'vitest';
import { parseModel } from '../../../src/engines/compose/model.ts';
import { redefinedNotes } from '../../../src/engines/compose/redefined.ts';

const model = (networks: object, volumes: object = {}) =>
	parseModel(JSON.stringify({ name: 'shop', services: {}, networks, volumes }));

test('a network and a volume that the new files define otherwise are named', () => {
	const now = model({ inside: { name: 'shop_inside', internal: true }, plain: {} }, { data: { driver: 'local' } });
	const after = model({ inside: { name: 'shop_inside' }, plain: {}, fresh: {} }, { data: { driver: 'nfs' } });
	expect(redefinedNotes(now, after)).toEqual([
		expect.stringContaining('The network shop_inside is defined otherwise'),
		expect.stringContaining('The volume shop_data is defined otherwise'),
	]);
});

test('nothing is said of what is the same, is not there yet, or is made elsewhere', () => {
	const outer = (driver: string) => ({ outer: { name: 'outer', external: true, driver } });
	expect(redefinedNotes(model(outer('a')), model({ ...outer('b'), fresh: {} }))).toEqual([]);
	expect(redefinedNotes(undefined, model({}))).toEqual([]);
});
