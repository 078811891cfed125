import { expect, test } from 'vitest';
import { containerFacts } from '../../../src/engines/compose/container-facts.ts';
import { writtenNotes } from '../../../src/engines/compose/plan/written.ts';

const id = 'a'.repeat(64);
const created = '2026-11-30T10:00:00Z';
const container = containerFacts({
	Id: id,
	Name: '/shop-web-1',
	Created: created,
	Config: { Labels: { 'com.docker.compose.service': 'web' } },
	Mounts: [{ Type: 'volume', Name: 'shop_data', Destination: '/var/lib/shop/data', RW: true }],
});
const at = (seconds: number): string => String(Date.parse(created) / 1000 + seconds);
const notes = (lines: readonly string[], left = 0) =>
	writtenNotes([`${id}\t${created}`, ...lines, ''].join('\n'), [container], left);

test('what somebody wrote in a container is said, and how to keep it', () => {
	expect(notes(["A\t/app/it's.db\t", `C\t/app.sh\t${at(3600)}`, `A\t/old\t${at(-3600)}`])).toEqual([
		`shop-web-1 is made anew, and neither the new container nor an undo has what was written in it outside of volumes: /app.sh, /app/it's.db, /old. To keep it, copy it first: docker cp shop-web-1:/app.sh .`,
	]);
	expect(notes(["A\t/app/it's.db\t"])[0]).toContain(`docker cp 'shop-web-1:/app/it'\\''s.db' .`);
});

test('many files are put together, and a long list is cut', () => {
	const files = ['/a/1', '/a/2', '/b/1', '/c/1', '/d/1', '/e/1'].map((path) => `A\t${path}\t`);
	expect(notes(files)[0]).toContain('volumes: /a (2 files), /b/1, /c/1, /d/1, and more.');
	expect(notes(['A\t/a\t', '+'])[0]).toContain('volumes: /a, and more.');
});

test('nothing is said of the places of volumes, and of what a start writes', () => {
	expect(notes(['A\t/var/lib/shop\t', 'A\t/var/lib/shop/data\t', `C\t/etc/shop.conf\t${at(2)}`])).toEqual([]);
});

test('it is said what is not known', () => {
	const unknown = /shop-web-1 outside of volumes, which a new container does not have, is not known/;
	expect(notes(['?'])).toEqual([expect.stringMatching(unknown)]);
	expect(writtenNotes(undefined, [container], 0)).toEqual([expect.stringMatching(unknown)]);
	expect(notes([], 2)).toEqual(['What was written outside of volumes in 2 more containers was not looked at.']);
});
