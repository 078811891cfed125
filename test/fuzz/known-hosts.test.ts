import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
	fingerprint,
	hostKeyAlgorithms,
	judge,
	keyType,
	knownHostName,
	matchesHost,
	parseKnownHosts,
} from '../../src/services/ssh/known-hosts.ts';
import { patience, runs } from './runs.ts';

vi.setConfig({ testTimeout: patience });

/** A public key blob as RFC 4253, 6.6 has it. */
const blobOf = (key: Uint8Array): Buffer => {
	const type = Buffer.from('ssh-ed25519');
	const part = (bytes: Uint8Array) => {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(bytes.length);
		return Buffer.concat([length, bytes]);
	};
	return Buffer.concat([part(type), part(key)]);
};
const presented = blobOf(randomBytes(32));
const lineOf = (hosts: string, blob: Buffer) => `${hosts} ssh-ed25519 ${blob.toString('base64')}`;
const hashed = (name: string) => {
	const salt = randomBytes(20);
	return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

const pieces = fc.constantFrom(
	...[
		'@revoked ',
		'@cert-authority ',
		'@odd ',
		'#',
		' ',
		'\t',
		'\r',
		'\n',
		'\0',
		',',
		'!',
		'*',
		'?',
		'|1|',
		'|',
		'[',
		']:22',
		'\ufeff',
	],
	...['host.example', '*.example', 'ssh-ed25519', 'ssh-rsa', '1024 35 ', presented.toString('base64').slice(0, 40)],
);
const anyText = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
	fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
);

test('no text whatever makes a key known that stands nowhere in it', () => {
	fc.assert(
		fc.property(anyText, (text) => {
			const entries = parseKnownHosts(text, 'known_hosts');
			expect(judge(entries, 'host.example', presented).kind).not.toBe('ok');
			expect(hostKeyAlgorithms(entries, 'host.example')).toHaveLength(6);
		}),
		runs(1000),
	);
});

test('a key is known by a whole line of its own alone, whatever stands around it', () => {
	const whole = `\n${lineOf('host.example', presented)}\n`;
	fc.assert(
		fc.property(anyText, anyText, fc.nat(), (before, after, at) => {
			const entries = parseKnownHosts(before + whole + after, 'f');
			// Only a revocation of this very key may prevent it, and no text here contains that by chance.
			expect(judge(entries, 'host.example', presented).kind).toBe('ok');
			expect(judge(entries, 'other.invalid', presented).kind).not.toBe('changed');
			const cut = whole.slice(0, at % (whole.length - 1));
			expect(judge(parseKnownHosts(cut, 'f'), 'host.example', presented).kind).not.toBe('ok');
		}),
		runs(500),
	);
});

test('revoked is stronger than known, in any order, hashed or not', () => {
	fc.assert(
		fc.property(fc.boolean(), fc.boolean(), fc.array(anyText, { maxLength: 2 }), (first, hash, noise) => {
			const name = hash ? hashed('host.example') : 'host.example';
			const lines = [lineOf(name, presented), lineOf(`@revoked ${name}`, presented)];
			const text = [...(first ? lines.toReversed() : lines), ...noise].join('\n');
			expect(judge(parseKnownHosts(text, 'f'), 'host.example', presented).kind).toBe('revoked');
		}),
		runs(300),
	);
});

test('a changed key, one bit of it, is not the same', () => {
	fc.assert(
		fc.property(fc.integer({ min: 19 * 8, max: presented.length * 8 - 1 }), (bit) => {
			const other = Buffer.from(presented);
			other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(judge(parseKnownHosts(lineOf('host.example', presented), 'f'), 'host.example', other).kind).toBe(
				'changed',
			);
		}),
		runs(200),
	);
});

test('a negated pattern keeps a host out, wherever it stands', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom<string[]>('*', '*.example', 'host.*', 'other', '?ost.example'), { maxLength: 5 }),
			(some) => {
				for (let at = 0; at <= some.length; at++) {
					expect(matchesHost(some.toSpliced(at, 0, '!host.example').join(','), 'host.example')).toBe(false);
				}
			},
		),
		runs(100),
	);
});

test('any blob has a type and a fingerprint, and none throws', () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 60 }),
			fc.string(),
			fc.integer({ min: 1, max: 65_535 }),
			(bytes, host, port) => {
				const blob = Buffer.from(bytes);
				expect(keyType(blob).length).toBeLessThanOrEqual(bytes.length);
				expect(fingerprint(blob)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
				expect(judge([], knownHostName(host, port), blob).kind).toBe('unknown');
			},
		),
		runs(300),
	);
});
