import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutputMasker, type MaskedPiece } from '../../src/runbook/output-masker.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';

const joined = (pieces: readonly MaskedPiece[]): Buffer => Buffer.concat(pieces.map(({ bytes }) => bytes));

/** Masks bytes that come cut at these places; `settle` after each cut that is even. */
const masked = (all: Buffer, cuts: readonly number[], known: readonly string[], settle = false): Buffer => {
	const masker = createOutputMasker(known);
	const pieces: MaskedPiece[] = [];
	const places = [...new Set([0, ...cuts.map((cut) => cut % (all.length + 1)), all.length])].sort((a, b) => a - b);
	places.slice(1).forEach((to, index) => {
		const from = places[index] ?? 0;
		pieces.push(...masker.push(all.subarray(from, to), from));
		if (settle && index % 2 === 0) {
			pieces.push(...masker.settle());
		}
	});
	pieces.push(...masker.end());
	return joined(pieces);
};

const secrets = ['hunter2-Ünïcode', 'p@ss w0rd/+', 'Zz9$(x)'];
const pem =
	'-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----\n';
const telling = [
	`DB_PASSWORD=verysecretvalue\n`,
	`connecting to postgres://app:topsecretpw@db:5432/app …\r\n`,
	`Authorization: Bearer abcdefghijklmnop0123\n`,
	`docker login --token tokenvalue123 registry\n`,
	pem,
	`the value is ${secrets[0]}, yes\n`,
	`curl http://h/?q=${encodeURIComponent(secrets[1] ?? '')}\n`,
	`${secrets[2]}${secrets[2]}\r`,
	'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n',
];
const hidden = [
	'verysecretvalue',
	'topsecretpw',
	'abcdefghijklmnop0123',
	'tokenvalue123',
	'MIIEvQIBADAN',
	'BKcwggSjAgEAAoIBAQ',
	...secrets,
	encodeURIComponent(secrets[1] ?? ''),
];
const plain = ['step 1 of 3\n', 'Pulling engine: 45%\r', '\n', '日本 🚀 ok\n', 'keyboard layout: de\n'];

const anyOutput = fc
	.array(
		fc.oneof(
			fc.constantFrom(...telling),
			fc.constantFrom(...plain),
			fc.string().map((text) => `${text}\n`),
		),
		{
			minLength: 1,
			maxLength: 12,
		},
	)
	.chain((lines) => fc.constantFrom('', 'no line end').map((end) => Buffer.from(lines.join('') + end)));
const anyCuts = fc.array(fc.nat(2000), { maxLength: 12 });

describe('a secret in the output of a run', () => {
	test('is masked wherever the output is cut, and the rest is as it came', () => {
		fc.assert(
			fc.property(anyOutput, anyCuts, (all, cuts) => {
				const whole = masked(all, [], secrets).toString('utf8');
				expect(masked(all, cuts, secrets).toString('utf8')).toBe(whole);
				for (const secret of hidden) {
					expect(whole).not.toContain(secret);
				}
				expect(whole.split(/[\r\n]/).length).toBe(all.toString('utf8').split(/[\r\n]/).length);
			}),
			{ numRuns: 300 },
		);
	});

	test('is not shown either while a line is unfinished', () => {
		fc.assert(
			fc.property(anyOutput, anyCuts, (all, cuts) => {
				const shown = masked(all, cuts, secrets, true).toString('utf8');
				for (const secret of hidden) {
					expect(shown).not.toContain(secret);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test.each(telling)('cut at every byte: %j', (line) => {
		const all = Buffer.from(line);
		for (let cut = 1; cut < all.length; cut++) {
			for (const settle of [false, true]) {
				const shown = masked(all, [cut], secrets, settle).toString('utf8');
				for (const secret of hidden) {
					expect(shown).not.toContain(secret);
				}
			}
		}
	});

	test('is masked as in any other text', () => {
		const text = telling
			.filter((line) => !secrets.some((secret) => line.includes(secret)))
			.join('')
			.replaceAll('\r', '');
		expect(masked(Buffer.from(text), [7, 70], []).toString('utf8')).toBe(maskSecrets(text));
	});
});

test('output without secrets passes byte by byte, also what is no text', () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), anyCuts, (parts, cuts) => {
			// Signs that make a setting or a URL are left out; the rest is any bytes.
			const all = Buffer.concat(parts).map((byte) => (byte === 0x3d || byte === 0x3a || byte === 0x2d ? 0x2e : byte));
			const bytes = Buffer.from(all);
			expect(masked(bytes, cuts, ['not in there']).equals(bytes)).toBe(true);
		}),
	);
	const invalid = Buffer.from([0x50, 0x57, 0x44, 0x3d, 0xff, 0xfe, 0x61, 0x0a, 0xc3, 0x28, 0x0a]);
	const shown = masked(invalid, [], []);
	expect(shown.includes(Buffer.from([0xff, 0xfe]))).toBe(false);
	expect(shown.subarray(-3).equals(Buffer.from([0xc3, 0x28, 0x0a]))).toBe(true);
});

test('progress is seen before its line ends, and offsets are those on the host', () => {
	const masker = createOutputMasker(['s3cret-value']);
	expect(masker.push(Buffer.from('Pulling: 45 % ... '), 100)).toEqual([]);
	expect(masker.settle().map(({ bytes, offset }) => [bytes.toString(), offset])).toEqual([['Pulling: 45 % ... ', 100]]);
	expect(masker.settle()).toEqual([]);
	const rest = masker.push(Buffer.from('done s3cret-value\nnext\n'), 118);
	expect(joined(rest).toString()).toMatch(/^done ••••[0-9a-f]{4}\nnext\n$/);
	expect(rest[0]?.offset).toBe(118);
	expect(rest.at(-1)?.offset).toBe(135);
});

test('a lone quote hides not all that follows, and a long line is not kept back for ever', () => {
	const lines = `password: "open\n${'plain line\n'.repeat(300)}`;
	expect(masked(Buffer.from(lines), [], []).toString().endsWith('plain line\n'.repeat(150))).toBe(true);
	const long = Buffer.from('word '.repeat(40_000));
	const masker = createOutputMasker();
	expect(joined(masker.push(long, 0)).length).toBeGreaterThan(100_000);
	const hostile = Buffer.from(`${'://'.repeat(8000)}${'key'.repeat(8000)}${'--'.repeat(8000)}\n`);
	expect(masked(hostile, [], ['s3cret']).length).toBe(hostile.length);
});
