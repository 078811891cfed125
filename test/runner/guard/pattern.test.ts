import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote } from '../../../src/runbook/shell-quote.ts';
import { asExtended } from '../../../src/services/checks/on-host.ts';

const piece = fc.constantFrom('a', 'b', '1', ' ', '"', ':', '\\.', '\\/', '\\{', '.', '[ab]', '[0-9]', '(a|b)', '(ab)');
const pattern = fc
	.array(fc.tuple(piece, fc.constantFrom('', '', '*', '+', '?')), { minLength: 1, maxLength: 6 })
	.map((pieces) => pieces.map(([one, times]) => `${one}${times}`).join(''));
const text = fc
	.array(fc.constantFrom('a', 'b', '1', '9', ' ', '"', ':', '.', '/', '{', 'é', '✓', '\n'), { maxLength: 12 })
	.map((letters) => letters.join(''));

test('what matches in JavaScript matches on the host, in any locale', () => {
	const cases = fc.sample(fc.tuple(pattern, text), { numRuns: 400, seed: 7 });
	const matching = cases.flatMap(([made, body]) => {
		const extended = asExtended(made);
		return new RegExp(made, 'u').test(body) && extended !== undefined ? [{ made, extended, body }] : [];
	});
	expect(matching.length).toBeGreaterThan(50);
	for (const locale of ['C', 'C.UTF-8']) {
		const script = matching
			.map(({ extended, body }, n) => `printf '%s\\n' ${quote(body)} | grep -aqE -e ${quote(extended)} || echo ${n}`)
			.join('\n');
		const missed = execFileSync('sh', { input: script, encoding: 'utf8', env: { ...process.env, LC_ALL: locale } });
		expect(missed.split('\n').flatMap((n) => (n === '' ? [] : [matching[Number(n)]]))).toEqual([]);
	}
});

test.each(['^ok$', '\\s', 'a{2}', '(?:a)', '[^a]', 'a+?', '\\d', 'é', '(?=a)', '\\bok'])('%s is not asked', (made) => {
	expect(asExtended(made)).toBeUndefined();
});
