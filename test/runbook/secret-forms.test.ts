import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learnSecrets } from '../../src/runbook/learned-secrets.ts';
import { createOutputMasker } from '../../src/runbook/output-masker.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { maskDeep, maskText } from '../../src/runbook/secrets-deep.ts';

const secret = `s3/cr"et+V&l<u>e' 9\\x=ü`;
const hex = (text: string) => Buffer.from(text).toString('hex');
const base64 = (text: string) => Buffer.from(text).toString('base64');

const forms: Readonly<Record<string, string>> = {
	'as it is': secret,
	JSON: JSON.stringify(secret),
	'JSON of PHP': JSON.stringify(secret).replaceAll('/', String.raw`\/`),
	'JSON of Go': JSON.stringify(secret).replace(/[<>&]/g, (sign) => `\\u00${hex(sign)}`),
	'JSON with escaped slashes': JSON.stringify(secret).replaceAll('/', '\\u002f'),
	'JSON of Python': JSON.stringify(secret).replaceAll('ü', '\\u00fc'),
	'JSON in JSON': JSON.stringify(JSON.stringify({ key: secret })),
	'a URL': encodeURIComponent(secret),
	'a URL, every sign': encodeURIComponent(secret).replaceAll("'", '%27'),
	'a URL, small hex digits': encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
	'a form': new URLSearchParams([['', secret]]).toString().slice(1),
	'a URL in a URL': encodeURIComponent(encodeURIComponent(secret)),
	HTML: secret
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;'),
	'a shell trace': `'${secret.replaceAll("'", String.raw`'\''`)}'`,
	Base64: base64(secret),
	'Base64 without padding': base64(secret).replaceAll('=', ''),
	'Base64 for URLs': Buffer.from(secret).toString('base64url'),
	'Base64 after one byte': base64(`:${secret}`),
	'Base64 after two bytes': base64(`u:${secret}\n`),
	'Base64 in the middle': base64(`postgres://user:${secret}@db/x`),
};

const shown = (bytes: Buffer, known: readonly string[]): string => {
	const masker = createOutputMasker(known);
	return [masker.push(bytes, 0), masker.end()]
		.flat()
		.map((piece) => piece.bytes.toString('utf8'))
		.join('');
};

/** Length of what may be left: what was encoded together with the secret. */
const around: Readonly<Record<string, number>> = {
	'Base64 in the middle': 30,
	'Base64 after two bytes': 4,
	'Base64 after one byte': 2,
};

describe.each(Object.entries(forms))('a known secret as %s', (name, form) => {
	test('is masked in a text, and in an output', () => {
		for (const text of [maskText(`it is ${form}.`, [secret]), shown(Buffer.from(`it is ${form}.\n`), [secret])]) {
			expect(text).toMatch(/••••[0-9a-f]{4}/);
			const rest = text.replace(/••••[0-9a-f]{4}/, '').replace(/^it is |\.\n?$/g, '');
			expect(rest.replaceAll(/["'\\{}:]|key/g, '').length).toBeLessThanOrEqual(around[name] ?? 0);
		}
	});
});

describe('a known secret', () => {
	test('with colours in it is masked', () => {
		const coloured = 'it is hun\u001b[01;31m\u001b[Kter2-w\u001b[m\u001b[Kord.';
		expect(maskText(coloured, ['hunter2-word'])).toMatch(/^it is ••••[0-9a-f]{4}\.$/);
		expect(shown(Buffer.from(`a\n${coloured}\nb\n`), ['hunter2-word'])).toMatch(/^a\nit is ••••[0-9a-f]{4}\.\nb\n$/);
	});

	test('colours beside it stay', () => {
		const text = '\u001b[32mit is\u001b[0m \u001b[1mhunter2-word\u001b[0m.';
		const masked = /^\u001b\[32mit is\u001b\[0m \u001b\[1m••••[0-9a-f]{4}\u001b\[0m\.\n?$/;
		expect(maskText(text, ['hunter2-word'])).toMatch(masked);
		expect(shown(Buffer.from(`${text}\n`), ['hunter2-word'])).toMatch(masked);
	});

	test('of several lines is masked line by line, whatever is before each', () => {
		const known = ['first-part-1\nsecond-part-2\nx'];
		expect(maskText('| first-part-1\n| second-part-2\n', known)).toMatch(/^\| ••••.{4}\n\| ••••.{4}\n$/);
		expect(shown(Buffer.from('> first-part-1\n> second-part-2\n'), known)).toMatch(/^> ••••.{4}\n> ••••.{4}\n$/);
	});

	test('is masked as a whole, with a space in it under its name, and when another one begins it', () => {
		expect(maskText('login --password two words-9 now', ['two words-9'])).toMatch(/^login --password ••••\w{4} now$/);
		expect(maskText('it is token-abc-def', ['token-abc', 'token-abc-def'])).toMatch(/^it is ••••\w{4}$/);
	});

	test('whatever it is, is masked in JSON, a URL and Base64', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'binary' }),
				fc.stringMatching(/^[A-Z][a-z]{4}[0-9]{3}$/),
				fc.nat(2),
				(sign, word, before) => {
					fc.pre(!/[\r\n\u001b•]/.test(sign));
					const value = sign + word + sign;
					const text = [value, JSON.stringify(value), encodeURIComponent(value)].join(' ');
					expect(maskText(text, [value]).replaceAll(/••••[0-9a-f]{4}/g, '')).not.toContain(word);
					const encoded = base64('ab'.slice(0, before) + value);
					expect(maskText(`= ${encoded}`, [value])).not.toContain(encoded.slice(3, -4));
				},
			),
		);
	});

	test('a line of backslashes or percent signs does not take long', () => {
		const known = [`${'\\'.repeat(2)}"$/\\x`, '%%%%%%%%', '""""////'];
		const began = performance.now();
		maskText('\\'.repeat(6000), known);
		maskText('%25'.repeat(2000), known);
		maskText('\\"'.repeat(3000), known);
		expect(performance.now() - began).toBeLessThan(2000);
	});
});

test('between a name and its value, colours hide nothing', () => {
	const text = '\u001b[34mDB_PASSWORD\u001b[0m=\u001b[32mhunter2-word\u001b[0m';
	expect(maskSecrets(text)).not.toContain('hunter2');
	expect(shown(Buffer.from(`${text}\n`), [])).not.toContain('hunter2');
});

test('what was learned is masked in every text from then on', () => {
	const text = `evidence: learned-value-1 and ${base64('x:learned-value-1')}`;
	expect(maskSecrets(text)).toBe(text);
	learnSecrets(['learned-value-1']);
	expect(maskSecrets(text)).toMatch(/^evidence: ••••\w{4} and \S*••••\w{4}$/);
	expect(JSON.stringify(maskDeep({ checks: [{ evidence: text }] }))).not.toContain('learned');
});
