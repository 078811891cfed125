import { describe, expect, test } from 'vitest';
import { type Entry, judgeHistory, type Told, toldBy } from './history.ts';

const call = (at: number, name: string): Entry => ({ at, call: name, words: [] });
const answer = (at: number, name: string, told: readonly Told[] = [], isList = true): Entry => ({
	at,
	answer: name,
	code: 0,
	told,
	isList,
});
const seen = (state: string, run = 'one'): Told => ({ run, state });

describe('a history has a legal order', () => {
	test('when two see a run in two states at the same time', () => {
		const entries = [
			call(1, 'a'),
			call(2, 'b'),
			answer(3, 'b', [seen('succeeded')]),
			answer(4, 'a', [seen('running')]),
			call(5, 'c'),
			answer(6, 'c', [seen('succeeded'), seen('running', 'two')]),
		];
		expect(judgeHistory(entries, ['one a begin', 'one a end', 'two a begin'])).toEqual([]);
	});

	test('when a client was killed and had no answer', () => {
		expect(judgeHistory([call(1, 'a'), call(2, 'b'), answer(3, 'b', [seen('running')])], [])).toEqual([]);
	});
});

describe('a history has none', () => {
	const later = (first: Told, second: readonly Told[], isList = true) =>
		judgeHistory([call(1, 'a'), answer(2, 'a', [first]), call(3, 'b'), answer(4, 'b', second, isList)], []);

	test('when a run that was seen is not there any more', () => {
		expect(later(seen('running'), [])).toEqual(['b does not see one, which a saw before']);
		expect(later(seen('running'), [], false)).toEqual([]);
	});

	test('when a run that had ended runs', () => {
		expect(later(seen('succeeded'), [seen('running')])).toEqual(['b sees one as running after a saw it succeeded']);
	});

	test('when a run ends in two ways', () => {
		expect(later(seen('succeeded'), [seen('failed')])).toContain('one ended as succeeded for a, and as failed for b');
	});

	test('when an answer is older than its call, or comes twice', () => {
		expect(judgeHistory([call(5, 'a'), answer(4, 'a')], [])).toEqual(['a was answered before it was called']);
		expect(judgeHistory([call(1, 'a'), answer(2, 'a'), answer(3, 'a')], [])).toEqual(['a was answered twice']);
		expect(judgeHistory([answer(3, 'a')], [])).toEqual(['a was answered before it was called']);
	});

	test('when two runs work at the same time', () => {
		expect(judgeHistory([], ['one a begin', 'two a begin', 'one a end'])).toEqual([
			'one worked again after two had begun: both had the lock',
		]);
	});
});

test('what a command told of runs is read from its lines, as far as it was printed', () => {
	const lines = [
		'{"type":"run","id":"one","state":"running"}',
		'{"type":"end","run":"one","state":"failed"}',
		'{"type":"step","id":"a","state":"running"}',
		'{"type":"run","id":"o',
	];
	expect(toldBy(lines.join('\n'))).toEqual([seen('running'), seen('failed')]);
});
