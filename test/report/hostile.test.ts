import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportMarkdown } from '../../src/runbook/report/report-markdown.ts';
import { code, fenced, inline } from '../../src/runbook/report/safe-markdown.ts';
import { reportOf, run } from './fixture.ts';

const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

const nasty = [
	'`',
	'``',
	'```',
	'````\n',
	'~~~',
	'|',
	'\\',
	'\\|',
	'<script>alert(1)</script>',
	'<!--',
	'![x](http://evil/x.png)',
	'[x](javascript:alert(1))',
	'&lt;',
	'# ',
	'- ',
	'1. ',
	'> ',
	'***',
	'\n\n',
	'\r',
	'\u001b[31m',
	'\u001b]52;c;eA==\u0007',
	'\u202e',
	'\u0085',
	'\u2028',
	'https://evil.example',
	'www.evil.example',
	'$x$',
	'\0',
	'</details>',
	'\t',
	'💥',
];
const hostile = fc
	.array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 })
	.map((parts) => parts.join(''));

/** Returns the rest of a line of Markdown without everything that is escaped. */
const bare = (markdown: string): string => markdown.replace(/\\[!-/:-@[-`{-~]|&(?:amp|lt|gt|#58|#46);/g, '');

describe('text of the host in Markdown', () => {
	test('inline: one line, without markup, HTML, links or a cell’s end', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const shown = inline(text);
				expect(shown).not.toMatch(/[\n\r]/);
				expect(shown).not.toMatch(steering);
				expect(bare(shown)).not.toMatch(/[`*_[\]<>|~#$\\]|https?:|www\./);
				expect(shown).not.toMatch(/^(?:[-+=:] ?|\d+[.)])/);
			}),
			{ numRuns: 500 },
		);
	});

	test('code: is never left before its end, and ends no cell', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const shown = code(text);
				expect(shown).not.toMatch(/[\n\r]/);
				expect(shown).not.toMatch(steering);
				const ticks = /^`+/.exec(shown)?.[0];
				if (ticks === undefined) {
					expect(bare(shown)).not.toMatch(/[`<>|]/);
				} else {
					const inner = shown.slice(ticks.length, -ticks.length);
					expect(shown.endsWith(ticks)).toBe(true);
					expect([...inner.matchAll(/`+/g)].map(([run]) => run)).not.toContain(ticks);
					expect(shown).not.toMatch(/[|\\]/);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('fenced: nothing in it ends the block', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const lines = fenced(text).split('\n');
				const fence = /^`+/.exec(lines[0] ?? '')?.[0] ?? '';
				const ends = lines.slice(1).filter((line) => new RegExp(`^ {0,3}\`{${fence.length},}[ \\t]*$`).test(line));
				expect(ends).toEqual([lines.at(-1)]);
				expect(lines.join('\n')).not.toMatch(steering);
			}),
			{ numRuns: 500 },
		);
	});
});

test('a whole report of hostile text has the tables and sections of a harmless one', () => {
	const shape = (text: string) => {
		const outside: string[] = [];
		let fence = '';
		for (const line of text.split('\n')) {
			const ticks = /^`{3,}/.exec(line)?.[0] ?? '';
			if (fence === '' && ticks !== '') {
				fence = ticks;
			} else if (fence !== '' && line === fence) {
				fence = '';
			} else if (fence === '') {
				outside.push(line);
			}
		}
		expect(fence).toBe('');
		return outside.map((line) =>
			line.startsWith('|')
				? `|${line.replaceAll(/\\./g, '').split('|').length}`
				: /^#+ /.test(line)
					? line.replace(/ .*/, '')
					: '',
		);
	};
	fc.assert(
		fc.property(
			hostile.filter((text) => text.trim() !== ''),
			(text) => {
				const with_ = (words: string) =>
					reportOf(
						{
							...run,
							reason: words,
							who: { user: words, machine: words },
							plan: {
								...run.plan,
								title: words,
								target: words,
								inputs: [{ name: 'commit', title: words, value: words, label: words, detail: words }],
								preconditions: [{ id: 'x', title: words, state: 'passed', detail: words }],
								steps: run.plan.steps.map((step) => ({ ...step, title: words, script: `x ${words}` })),
								notes: [words],
							},
							readings: run.readings?.map((one) => ({
								...one,
								seen: [{ what: words, state: 'ok' as const, said: words, at: 1, stale: false }],
							})),
							verified: run.verified && {
								...run.verified,
								reason: words,
								checks: run.verified.checks.map((check) => ({
									...check,
									title: words,
									asked: `x${words}`,
									evidence: `x${words}`,
								})),
							},
							facts: { ...run.facts, note: words },
						},
						{ output: `${words}\nend` },
					);
				const markdown = reportMarkdown(with_(text));
				expect(markdown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
				expect(shape(markdown)).toEqual(shape(reportMarkdown(with_('words'))));
			},
		),
		{ numRuns: 100 },
	);
});
