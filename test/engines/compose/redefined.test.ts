import { expect, test } from 'vitest';
import { parseModel } from '../../../src/engines/compose/model.ts';
import { makesNetworksAnew, redefinedNotes } from '../../../src/engines/compose/redefined.ts';

const model = (networks: object, volumes: object = {}) =>
	parseModel(JSON.stringify({ name: 'shop', services: {}, networks, volumes }));

test('a network and a volume that the new files define otherwise are named', () => {
	const now = model({ inside: { name: 'shop_inside', internal: true }, plain: {} }, { data: { driver: 'local' } });
	const after = model({ inside: { name: 'shop_inside' }, plain: {}, fresh: {} }, { data: { driver: 'nfs' } });
	expect(redefinedNotes(now, after)).toEqual([
		expect.stringMatching(/The network shop_inside is defined otherwise .* keeps it as it is/),
		expect.stringContaining('The volume shop_data is defined otherwise'),
	]);
	expect(redefinedNotes(now, after, true)[0]).toMatch(/shop_inside .* makes it anew, and every container that uses it/);
});

test.each([
	['2.26.1', false],
	['2.30.3', false],
	['v2.31.0', true],
	['2.40.3-desktop.1', true],
	['5.0.1', true],
	['', false],
])('Compose %s makes such a network anew: %s', (release, is) => {
	expect(makesNetworksAnew(release)).toBe(is);
});

test('nothing is said of what is the same, is not there yet, or is made elsewhere', () => {
	const outer = (driver: string) => ({ outer: { name: 'outer', external: true, driver } });
	expect(redefinedNotes(model(outer('a')), model({ ...outer('b'), fresh: {} }))).toEqual([]);
	expect(redefinedNotes(undefined, model({}))).toEqual([]);
});
