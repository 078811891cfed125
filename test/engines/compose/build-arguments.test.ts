import { describe, expect, test } from 'vitest';
import { wasBuiltWith } from '../../../src/engines/compose/build-arguments.ts';

/** As BuildKit of Docker 28 writes it. */
const history = [
	'CMD ["sh" "/app.sh"]',
	'COPY app.sh /app.sh # buildkit',
	'RUN |3 SHA= CHANNEL=a b LEVEL=4 /bin/sh -c echo " SHA=other" >/version # buildkit',
	'ARG LEVEL=4',
	'ARG CHANNEL=stable',
	'ARG SHA',
	'/bin/sh -c #(nop)  CMD ["sh"]',
	'/bin/sh -c #(nop) ADD file:8b7f8cb05a in / ',
];

describe('the history of an image', () => {
	test('proves the values that a command of its build got, also empty ones', () => {
		expect(wasBuiltWith(history, 'SHA', '')).toBe(true);
		expect(wasBuiltWith(history, 'CHANNEL', 'a b')).toBe(true);
		expect(wasBuiltWith(history, 'LEVEL', '4')).toBe(true);
	});

	test('proves nothing about another value, nor about an argument that it does not show', () => {
		expect(wasBuiltWith(history, 'SHA', '3f2a91c')).toBe(false);
		expect(wasBuiltWith(history, 'CHANNEL', '')).toBe(false);
		expect(wasBuiltWith(history, 'CHANNEL', 'a')).toBe(false);
		expect(wasBuiltWith(history, 'EARLIER_STAGE', '')).toBe(false);
		expect(wasBuiltWith([], 'SHA', '')).toBe(false);
		// Both have the default of the Dockerfile, whatever was given.
		expect(wasBuiltWith(['ARG SHA'], 'SHA', '')).toBe(false);
		expect(wasBuiltWith(['ARG CHANNEL=stable'], 'CHANNEL', 'stable')).toBe(false);
	});

	test('proves nothing when two instructions contradict each other, as those of a base image may', () => {
		expect(wasBuiltWith([...history, 'RUN |1 SHA=old /bin/sh -c true'], 'SHA', '')).toBe(false);
		expect(wasBuiltWith([...history, 'ENV SHA=old'], 'SHA', '')).toBe(false);
	});

	test('shows an argument as the environment variable of its name, too', () => {
		expect(wasBuiltWith(['ENV SHA=', 'ARG SHA'], 'SHA', '')).toBe(true);
		expect(wasBuiltWith(['/bin/sh -c #(nop)  ENV SHA=x', '/bin/sh -c #(nop)  ARG SHA'], 'SHA', '')).toBe(false);
		expect(wasBuiltWith(['ENV SHA_OF=', 'ARG SHA'], 'SHA', '')).toBe(false);
	});

	test('is read as the older builder writes it, too', () => {
		const older = ['|1 SHA= /bin/sh -c echo "$SHA"', '/bin/sh -c #(nop)  ARG SHA'];
		expect(wasBuiltWith(older, 'SHA', '')).toBe(true);
		expect(wasBuiltWith(older, 'SHA', 'x')).toBe(false);
	});
});
