import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	fingerprint,
	hostKeyAlgorithms,
	judge,
	knownHostName,
	matchesHost,
	parseKnownHosts,
} from '../../src/services/ssh/known-hosts.ts';
import { makeKey } from './sshd.ts';

let folder: string;
const keys = {} as Record<'a' | 'b' | 'rsa', { line: string; blob: Buffer; path: string }>;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-known-'));
	for (const [name, type] of [
		['a', 'ed25519'],
		['b', 'ed25519'],
		['rsa', 'rsa'],
	] as const) {
		const path = makeKey(folder, name, type);
		const [kind = '', key = ''] = readFileSync(`${path}.pub`, 'utf8').split(' ');
		keys[name] = { line: `${kind} ${key}`, blob: Buffer.from(key, 'base64'), path };
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judged = (text: string, name: string, key: keyof typeof keys) =>
	judge(parseKnownHosts(text, 'known_hosts'), name, keys[key].blob).kind;

describe('the name of a host in known_hosts', () => {
	it('has its port only when that is not 22', () => {
		expect(knownHostName('Host.Example', 22)).toBe('host.example');
		expect(knownHostName('Host.Example', 2222)).toBe('[host.example]:2222');
	});

	// Each pattern is tried with each name, and must match where ssh-keygen finds it.
	const patterns = [
		'host',
		'HOST.example.com',
		'*.example.com',
		'*.example.com,!bad.example.com',
		'!bad.example.com,*.example.com',
		'h?st',
		'[host]:2222',
		'[*.example.com]:2222',
		'192.0.2.*',
		'2001:db8::1',
		'[2001:db8::1]:2222',
		'!host',
		'a,b,host',
		'*',
		'host*',
		'*a*b*c*',
	];
	const names = [
		'host',
		'hoost',
		'a.example.com',
		'bad.example.com',
		'host.example.com',
		'[host]:2222',
		'[a.example.com]:2222',
		'192.0.2.7',
		'2001:db8::1',
		'[2001:db8::1]:2222',
		'xaxbxcx',
	];
	it.each(patterns.map((pattern) => [pattern]))('%s is matched as ssh-keygen -F does', (pattern) => {
		const file = join(folder, 'patterns');
		writeFileSync(file, `${pattern} ${keys.a.line}\n`);
		for (const name of names) {
			const found = spawnSync('ssh-keygen', ['-F', name, '-f', file]).status === 0;
			expect([name, matchesHost(pattern, name)]).toEqual([name, found]);
		}
	});

	it('is found when it is hashed', () => {
		const file = join(folder, 'hashed');
		writeFileSync(file, `host ${keys.a.line}\n[host]:2222 ${keys.b.line}\n`);
		execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
		const text = readFileSync(file, 'utf8');
		expect(text).toMatch(/^\|1\|/);
		expect(judged(text, 'host', 'a')).toBe('ok');
		expect(judged(text, '[host]:2222', 'b')).toBe('ok');
		expect(judged(text, 'host', 'b')).toBe('changed');
		expect(judged(text, 'other', 'a')).toBe('unknown');
	});

	it('does not take long over a malicious pattern', () => {
		expect(matchesHost('*a'.repeat(40), `${'a'.repeat(60)}b`)).toBe(false);
	});
});

describe('a presented host key', () => {
	it('is judged', () => {
		expect(judged(`host ${keys.a.line}`, 'host', 'a')).toBe('ok');
		expect(judged(`host ${keys.a.line}`, 'host', 'b')).toBe('changed');
		expect(judged(`host ${keys.a.line}\nhost ${keys.b.line}`, 'host', 'b')).toBe('ok');
		expect(judged(`host ${keys.a.line}`, 'host', 'rsa')).toBe('other-type');
		expect(judged('', 'host', 'a')).toBe('unknown');
		expect(judged(`@cert-authority host ${keys.a.line}`, 'host', 'a')).toBe('ca-only');
	});

	it('is revoked before it is anything else', () => {
		expect(judged(`host ${keys.a.line}\n@revoked * ${keys.a.line}`, 'host', 'a')).toBe('revoked');
	});

	it('is not known by lines that cannot be read', () => {
		const text = `# host ${keys.a.line}\nhost\nhost 1024 35 99\n@odd host ${keys.a.line}\n\r\n`;
		expect(judged(text, 'host', 'a')).toBe('unknown');
	});

	it('has the fingerprint that ssh-keygen shows', () => {
		const shown = execFileSync('ssh-keygen', ['-lf', `${keys.rsa.path}.pub`])
			.toString()
			.split(' ')[1];
		expect(fingerprint(keys.rsa.blob)).toBe(shown);
	});

	it('is asked for in the known type first', () => {
		const entries = parseKnownHosts(`host ${keys.rsa.line}`, 'f');
		expect(hostKeyAlgorithms(entries, 'host').slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
		expect(hostKeyAlgorithms(entries, 'other')[0]).toBe('ssh-ed25519');
	});
});
