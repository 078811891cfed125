import { expect, test } from 'vitest';
import { explainRefusal } from '../../src/services/ssh/openssh/explain.ts';
import type { SshSettings } from '../../src/services/ssh/settings.ts';

const settings: SshSettings = {
	...{ destination: 'web-1', hostname: 'web-1', port: 22, user: 'ana', identityFiles: [], identitiesOnly: false },
	...{ knownHosts: [], isJump: false, family: 0, connectTimeoutMs: 10_000, notes: [], commandOptions: [] },
};
const why = (...lines: readonly string[]): string =>
	explainRefusal(`${lines.join('\r\n')}\r\n`, settings, { canAsk: false, answered: [] }).message;

// The messages of OpenSSH 9.2: which comes depends on whether it was reading or about to write when the other side was gone.
const reading = [
	'kex_exchange_identification: Connection closed by remote host',
	'Connection closed by UNKNOWN port 65535',
];
const writing = ['banner exchange: Connection to UNKNOWN port 65535: Broken pipe'];

test.each([
	['reading', reading],
	['about to write', writing],
])('while ssh was %s, a ProxyCommand that failed is heard', (_, lines) => {
	expect(why('the tunnel is closed', ...lines)).toMatch(/^cannot reach .*: the tunnel is closed$/);
});

test.each([
	[
		'reading',
		['kex_exchange_identification: Connection closed by remote host', 'Connection closed by 192.0.2.7 port 22'],
	],
	['about to write', ['banner exchange: Connection to 192.0.2.7 port 22: Broken pipe']],
])('while ssh was %s, a server that closed the connection has done so before the login', (_, lines) => {
	expect(why(...lines)).toMatch(/it closed the connection before the login began/);
});

test('what is no SSH server is called that', () => {
	expect(why('banner exchange: Connection to 192.0.2.7 port 80: invalid format')).toContain('it does not speak SSH');
});
