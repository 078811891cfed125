import { expect, test } from 'vitest';
import type { Compared } from '../../../src/engines/compose/compared.ts';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { carriedOverNotes } from '../../../src/engines/compose/plan/carried-over.ts';
import { built, compared, container, model, newImage, oldImage } from './compared-services.ts';

// What a plan says of anonymous volumes, which Compose gives the new container with what is in them.

const volume = (letter: string, Destination: string) => ({ Type: 'volume', Name: letter.repeat(64), Destination });
const mounts = [volume('1', '/app/node_modules'), volume('2', '/data')];
/** Images with these volumes of their own. */
const images = (old: readonly string[], then: readonly string[]) => [
	{ id: oldImage, tags: ['shop-web:latest'], environment: [], volumes: old },
	{ id: newImage, tags: ['shop/app:1.1'], environment: [], volumes: then },
];
const notes = (web: object, what: Partial<Compared>) => {
	const all = compared({ after: model({ web }), containers: [container('web', { mounts })], ...what });
	return carriedOverNotes(compare(all).changes, all);
};
const modules = { volumes: [{ type: 'volume', target: '/app/node_modules/' }] };

test('one of the files, and one of the image, stay where the image is another one', () => {
	const [note, ...more] = notes({ ...built, ...modules }, { rebuilds: true, images: images(['/data/'], []) });
	expect(more).toEqual([]);
	expect(note).toContain('web keeps its anonymous volume at /app/node_modules, /data: ');
	expect(note).toContain('`up -d --force-recreate -V web`');
});

test('one of the image stays where the other image has it, too', () => {
	const web = { image: 'shop/app:1.1', network_mode: 'none' };
	expect(notes(web, { rebuilds: true, images: images(['/data'], ['/data']) })).toHaveLength(1);
	expect(notes(web, { rebuilds: true, images: images(['/data'], []) })).toEqual([]);
});

test('nothing is said where the image stays, a volume with a name takes the place, or nothing is made anew', () => {
	const same = { image: 'shop-web:latest', network_mode: 'none', ...modules };
	expect(notes(same, { always: ['web'], images: images(['/data'], []) })).toEqual([]);
	const named = { ...built, volumes: [{ type: 'volume', source: 'data', target: '/data' }] };
	expect(notes(named, { rebuilds: true, images: images(['/data'], []) })).toEqual([]);
	expect(notes({ ...built, ...modules }, { images: images(['/data'], []) })).toEqual([]);
});
