import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSecretName } from '../../src/runbook/secret-names.ts';
import { mask, maskSecrets } from '../../src/runbook/secrets.ts';

const hidden = /••••[0-9a-f]{4}/;

describe('which names are secret', () => {
	test.each(
		'PASSWORD DB_PASSWORD postgres_passwd MYSQL_PWD IB_TOTP_SECRET totp API_KEY apiKey stripeApiKey PRIVATE_KEY AWS_SECRET_ACCESS_KEY GITHUB_TOKEN SENTRY_DSN BASIC_AUTH oauth Authorization smtp.password AES_KEY DBPASSWORD SLACK_WEBHOOK_URL'.split(
			' ',
		),
	)('%s is', (name) => expect(isSecretName(name)).toBe(true));

	test.each(
		'AUTHOR authority PORT DATABASE_HOST PUBLIC_KEY primary_key KEY image service GIT_CONFIG_KEY_0 compass'.split(' '),
	)('%s is not', (name) => expect(isSecretName(name)).toBe(false));
});

describe('where it is hidden', () => {
	test.each([
		['DB_PASSWORD=hunter2 with blanks', 'hunter2 with blanks'],
		['export API_KEY=hunter2', 'hunter2'],
		['  password: hunter2', 'hunter2'],
		['- POSTGRES_PASSWORD=hunter2', 'hunter2'],
		['+      POSTGRES_PASSWORD: hunter2', 'hunter2'],
		['-IB_TOTP="hun\\"ter2"', 'ter2'],
		["TOKEN='hun'\"'\"'ter2'", 'ter2'],
		['{"user":"ana","apiKey":"hunter2","port":1}', 'hunter2'],
		['12:DB_PASSWORD=hunter 2', 'hunter 2'],
		['ERROR login failed password=hunter2 user=ana', 'hunter2'],
		['docker run -e DB_PASSWORD=hunter2 --name x', 'hunter2'],
		['psql --password hunter2 -U ana', 'hunter2'],
		['GET /orders?token=hunter2&page=1', 'hunter2'],
		['postgresql://app:hunter2@db:5432/app', 'hunter2'],
		['url = amqp://app:hun@ter/2@mq/', 'ter/2'],
		['origin\thttps://ghp_0123456789abcdefghij@example.com/a.git', 'ghp_0123456789abcdefghij'],
		['Authorization: Bearer hunter2', 'hunter2'],
		['curl -H "Authorization: Basic aHVudGVyMg=="', 'aHVudGVyMg'],
	])('%s', (line, secret) => {
		const shown = maskSecrets(line);
		expect(shown).toMatch(hidden);
		expect(shown).not.toContain(secret);
	});

	test('what is around it stays', () => {
		expect(maskSecrets('ERROR login failed password=hunter2 user=ana')).toMatch(
			/^ERROR login failed password=••••[0-9a-f]{4} user=ana$/,
		);
		expect(maskSecrets('{"user":"ana","apiKey":"hunter2","port":1}')).toMatch(
			/^\{"user":"ana","apiKey":"••••[0-9a-f]{4}","port":1\}$/,
		);
		expect(maskSecrets('postgresql://app:hunter2@db:5432/app')).toMatch(
			/^postgresql:\/\/app:••••[0-9a-f]{4}@db:5432\/app$/,
		);
	});

	test.each([
		'PORT=8080',
		'abc1234 auth: check the caller (2 days ago, Ana)',
		'Author: Ana <ana@example.com>',
		'http://127.0.0.1:8080/health',
		'git@example.com:team/app.git',
		'POSTGRES_PASSWORD: ${DB_PASSWORD}',
		'POSTGRES_PASSWORD_FILE=/run/secrets/db',
		'DB_PASSWORD=',
		' src/auth/token.py | 12 ++--',
		'the password is wrong',
		`image sha256:${'0a'.repeat(32)}`,
	])('%s is left as it is', (line) => expect(maskSecrets(line)).toBe(line));

	test('a private key, whole, in a difference, and in one line', () => {
		const body = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj', 'wYQ3Xw=='];
		const pem = [
			'-----BEGIN RSA PRIVATE KEY-----',
			'Proc-Type: 4,ENCRYPTED',
			'',
			...body,
			'-----END RSA PRIVATE KEY-----',
		];
		for (const text of [
			pem.join('\n'),
			pem.map((line) => `+  ${line}`).join('\n'),
			`X="${pem.join('\\n')}"`,
			`  ${body[0]}`,
		]) {
			const shown = maskSecrets(`before\n${text}\nafter`);
			expect(shown).not.toContain('MIIEv');
			expect(shown).not.toContain('wYQ3');
			expect(shown).toMatch(/^before\n[\s\S]*\nafter$/);
		}
	});

	test('values over several lines: quoted, and a YAML block', () => {
		const shown = maskSecrets('TOKEN="hun\nter2"\nPORT=1\npassword: |\n  hunter2\n  more\nport: 2\n');
		expect(shown).not.toMatch(/hun|ter2|more/);
		expect(shown).toContain('\nPORT=1\n');
		expect(shown).toContain('\nport: 2\n');
	});
});

test('a changed secret is seen to have changed, an unchanged one not to', () => {
	const [was, is, same] = maskSecrets('-PASSWORD=one\n+PASSWORD=two\n+OTHER_PASSWORD=one')
		.split('\n')
		.map((line) => line.split('=')[1]);
	expect(was).not.toBe(is);
	expect(was).toBe(same);
});

const secret = fc
	.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' })
	.filter((text) => /^[^\s'"|>$./~•]/.test(text) && text.trim() === text);
const line = fc.constantFrom('DB_PASSWORD=', '+DB_PASSWORD=', '  dbPassword: ', 'export TOKEN=', '- API_KEY=');

test('no value of a secret setting is left, whatever it is', () => {
	fc.assert(
		fc.property(line, secret, (before, value) => {
			const shown = maskSecrets(`a=1\n${before}${value}\nb=2`);
			expect(shown).toMatch(/^a=1\n.*••••[0-9a-f]{4}\nb=2$/);
			expect(shown.slice(4 + before.length)).not.toContain(value);
		}),
	);
});

test('in quotes too', () => {
	fc.assert(
		fc.property(
			fc.string({ minLength: 5 }).filter((text) => /[^0-9a-f•"{},:\\]/.test(text)),
			(value) => {
				const shown = maskSecrets(`{"password":${JSON.stringify(value)},"port":1}`);
				expect(shown).toMatch(/^\{"password":"••••[0-9a-f]{4}","port":1\}$/);
			},
		),
	);
});

test('lines stay lines, twice is once, and long lines do not take long', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', 'PASSWORD=', 'a://b:'), (text, before) => {
			const once = maskSecrets(before + text);
			expect(once.split('\n').length).toBe((before + text).split('\n').length);
			expect(maskSecrets(once)).toBe(once);
		}),
	);
	for (const long of [
		'a',
		'a-',
		' ',
		'a=',
		'"',
		'-',
		'a://b:',
		'@',
		'token ',
		'password=x@',
		';',
		'+',
		'password=',
		'password: ',
	]) {
		maskSecrets(long.repeat(20_000));
	}
	expect(mask(mask('x'))).toBe(mask('x'));
});
