import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deploymentFunctions } from '../../src/engines/compose/deployment.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
	([file = '', ...args]) => spawnSync(file, [...args, '-c', 'true']).status === 0,
);
const installed = (name: string) => ['/usr/bin', '/bin'].map((at) => join(at, name)).find(existsSync);
const clients = ['curl', 'wget'].map((name) => [
	installed(name) === undefined ? `${name} (skipped: not installed)` : name,
]);

/** What the registry's own words for a refusal are (distribution spec). */
const refuse = (response: ServerResponse, challenge: string) => {
	response.writeHead(401, { 'WWW-Authenticate': challenge, 'Content-Type': 'application/json' });
	response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
};
const list = (response: ServerResponse, tags: readonly string[], headers = {}) => {
	response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
	response.end(JSON.stringify({ name: 'shop/web', tags }));
};
const basicOf = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

const basics = 'sh awk sed grep cut tr head tail date mkdir mktemp rm cat sort timeout base64';
let folder: string;
let server: Server;
let registry: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'backout-registry-'));
	mkdirSync(join(folder, 'bin'));
	mkdirSync(join(folder, '.docker'));
	for (const name of basics.split(' ')) {
		symlinkSync(installed(name) ?? `/bin/${name}`, join(folder, 'bin', name));
	}
	asked = [];
	server = createServer((request, response) => {
		asked.push(request.url ?? '');
		answer(request, response);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((closed) => server.close(closed));
	rmSync(folder, { recursive: true });
});

const configure = (config: object) =>
	writeFileSync(join(folder, '.docker/config.json'), JSON.stringify(config, null, '\t'));
const program = (name: string, text: string) => {
	writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
	chmodSync(join(folder, 'bin', name), 0o755);
};

/** Runs a script of the runbook as the host would; the server is in this process, so it must not wait. */
const run = ([file = '', ...args]: readonly string[], script: string): Promise<{ lines: string[]; said: string }> =>
	new Promise((resolve, reject) => {
		const child = spawn(installed(file) ?? file, [...args, '-s'], {
			env: { PATH: join(folder, 'bin'), HOME: folder, registry_seconds: '20' },
		});
		const text = { stdout: '', stderr: '' };
		child.stdout.on('data', (chunk: Buffer) => {
			text.stdout += chunk.toString();
		});
		child.stderr.on('data', (chunk: Buffer) => {
			text.stderr += chunk.toString();
		});
		child.once('error', reject);
		child.once('close', () => resolve({ lines: text.stdout.split('\n').filter(Boolean), said: text.stderr.trim() }));
		child.stdin.end(`${deploymentFunctions}\n${script}\n`);
	});

describe.each(shells)('%s', (...shell) => {
	describe.each(clients)('by %s', (client) => {
		const skipped = client.includes('skipped');
		const tags = async (more = '') => {
			symlinkSync(installed(client) ?? client, join(folder, 'bin', client));
			return run(shell, `${more}registry_tags ${registry}/shop/web:1.2.0`);
		};

		test.skipIf(skipped)('anonymous, on several pages', async () => {
			answer = (request, response) =>
				request.url?.includes('last=') === true
					? list(response, ['1.3.0'])
					: list(response, ['1.1.0', '1.2.0'], { Link: '</v2/shop/web/tags/list?n=1000&last=1.2.0>; rel="next"' });
			expect(await tags()).toEqual({ lines: ['1.1.0', '1.2.0', '1.3.0'], said: '' });
			expect(asked[0]).toBe('/v2/shop/web/tags/list?n=1000');
		});

		test.skipIf(skipped)('with the password that docker login has left', async () => {
			configure({ auths: { 'other.example': { auth: 'bm8=' }, [registry]: { auth: basicOf('ana:s3cret').slice(6) } } });
			answer = (request, response) =>
				request.headers.authorization === basicOf('ana:s3cret')
					? list(response, ['1.0.0'])
					: refuse(response, 'Basic realm="Registry"');
			expect(await tags()).toEqual({ lines: ['1.0.0'], said: '' });
		});

		test.skipIf(skipped)('by a token, for which a credential helper gives the password', async () => {
			configure({ auths: { [registry]: {} }, credHelpers: { [registry]: 'mine' }, credsStore: 'other' });
			const helper = `read -r key; echo "{\\"ServerURL\\":\\"$key\\",\\"Username\\":\\"bot\\",\\"Secret\\":\\"a\\\\\\"b\\u0026c\\"}"`;
			program('docker-credential-mine', `[ "$1" = get ] && ${helper}`);
			answer = (request, response) => {
				const url = new URL(request.url ?? '', `http://${registry}`);
				if (url.pathname === '/token') {
					const isRight = request.headers.authorization === basicOf('bot:a"b&c');
					const scope = url.searchParams.get('scope');
					response.end(
						JSON.stringify({ token: isRight && scope === 'repository:shop/web:pull' ? 'good.to-ken_' : 'bad' }),
					);
					return;
				}
				request.headers.authorization === 'Bearer good.to-ken_'
					? list(response, ['2.0.0'])
					: refuse(
							response,
							`Bearer realm="http://${registry}/token",service="the registry",scope="repository:shop/web:pull"`,
						);
			};
			expect(await tags()).toEqual({ lines: ['2.0.0'], said: '' });
			expect(asked[1]).toContain('service=the%20registry');
		});

		describe('an identity token in place of a password', () => {
			/** A token that has every character which a form must not have as it is. */
			const identity = 'eyJh.b_c-d~e+f/g==';
			/** Exchanges it for an access token as the distribution spec says (OAuth2), by POST alone. */
			const exchange = () => {
				answer = (request, response) => {
					if (request.url !== '/oauth2/token?tenant=1') {
						request.headers.authorization === 'Bearer good.to-ken_'
							? list(response, ['2.0.0'])
							: refuse(response, `Bearer realm="http://${registry}/oauth2/token?tenant=1",service="the registry"`);
						return;
					}
					let form = '';
					request.on('data', (chunk: Buffer) => {
						form += chunk.toString();
					});
					request.on('end', () => {
						const given = {
							method: request.method,
							type: request.headers['content-type'],
							...Object.fromEntries(new URLSearchParams(form)),
						};
						const wanted = {
							method: 'POST',
							type: 'application/x-www-form-urlencoded',
							grant_type: 'refresh_token',
							client_id: 'backout',
							service: 'the registry',
							scope: 'repository:shop/web:pull',
							refresh_token: identity,
						};
						if (request.headers.authorization !== undefined || JSON.stringify(given) !== JSON.stringify(wanted)) {
							response.writeHead(401).end('{"error":"invalid_grant"}');
							return;
						}
						response.writeHead(200, { 'Content-Type': 'application/json' });
						response.end(
							JSON.stringify({
								refresh_token: 'another',
								access_token: 'good.to-ken_',
								expires_in: 300,
								scope: wanted.scope,
							}),
						);
					});
				};
			};

			test.skipIf(skipped)('is exchanged for a token that lists the versions', async () => {
				exchange();
				const login = basicOf('00000000-0000-0000-0000-000000000000:').slice(6);
				configure({ auths: { [registry]: { auth: login, identitytoken: identity } } });
				expect(await tags()).toEqual({ lines: ['2.0.0'], said: '' });
			});

			test.skipIf(skipped)('may come from a credential helper', async () => {
				exchange();
				configure({ auths: { [registry]: {} }, credsStore: 'mine' });
				const secret = `{\\"ServerURL\\":\\"x\\",\\"Username\\":\\"\\u003ctoken\\u003e\\",\\"Secret\\":\\"${identity}\\"}`;
				program('docker-credential-mine', `[ "$1" = get ] && read -r _; printf '%s' "${secret}"`);
				expect(await tags()).toEqual({ lines: ['2.0.0'], said: '' });
			});

			test.skipIf(skipped)('is on no command line, in no file that stays, and in no output', async () => {
				exchange();
				configure({ auths: { [registry]: { identitytoken: `${identity}x` } } });
				const real = installed(client);
				program(client, `echo "$@" >>"$HOME/arguments"; exec ${real} "$@"`);
				const { lines, said } = await run(
					shell,
					`TMPDIR=$HOME/tmp; export TMPDIR; mkdir "$TMPDIR"; registry_tags ${registry}/shop/web:1.2.0; cat "$HOME/arguments"; set -- "$TMPDIR"/*; echo "$*"`,
				);
				expect(said).toBe(`the registry ${registry} does not let this host in`);
				expect(lines.at(-1)).toBe(join(folder, 'tmp', '*'));
				expect(lines.join('\n')).not.toContain(identity);
				// It is no password: it goes to nobody but in the exchange.
				expect(asked).toEqual(['/v2/shop/web/tags/list?n=1000', '/oauth2/token?tenant=1']);
			});
		});

		test.skipIf(skipped)('no password goes to where the registry sends it without encryption', async () => {
			configure({ auths: { [registry]: { auth: basicOf('ana:s3cret').slice(6) } } });
			answer = (_, response) => refuse(response, 'Bearer realm="http://registry.example/token",service="x"');
			expect(await tags()).toEqual({ lines: [], said: `the registry ${registry} does not let this host in` });
			expect(asked).toHaveLength(1);
		});

		test.skipIf(skipped)('a password is on no command line, and in no output', async () => {
			configure({ auths: { [registry]: { auth: basicOf('ana:s3cret').slice(6) } } });
			answer = (_, response) => refuse(response, 'Basic realm="Registry"');
			const real = installed(client);
			program(client, `echo "$@" >>"$HOME/arguments"; exec ${real} "$@"`);
			const { lines, said } = await run(shell, `registry_tags ${registry}/shop/web:1.2.0; cat "$HOME/arguments"`);
			expect(said).toBe(`the registry ${registry} does not let this host in`);
			expect(lines.length).toBeGreaterThan(1);
			expect(lines.join('\n')).not.toContain(basicOf('ana:s3cret').slice(6));
		});

		test.skipIf(skipped)('a registry that does not answer is given up soon', async () => {
			answer = () => {};
			const { lines, said } = await tags('registry_seconds=1; ');
			expect({ lines, said }).toEqual({ lines: [], said: `the registry ${registry} does not answer` });
		});
	});

	test('versions like this one, the highest first', async () => {
		const all = ['1.2.0-alpine', '1.10.0-alpine', '1.9.0-alpine', '1.9.0', 'latest', '1.9-alpine', 'sha-1.9.0-alpine'];
		const { lines } = await run(
			shell,
			`registry_tags() { printf '%s\\n' ${all.join(' ')}; }; versions_in_registry shop/web:1.2.0-alpine`,
		);
		expect(lines).toEqual(['shop/web:1.10.0-alpine', 'shop/web:1.9.0-alpine', 'shop/web:1.2.0-alpine']);
	});

	test.each([
		['postgres:16', 'registry-1.docker.io', 'library/postgres'],
		['docker.io/shop/web:1', 'registry-1.docker.io', 'shop/web'],
		['ghcr.io/shop/web:1@sha256:0a', 'ghcr.io', 'shop/web'],
		['localhost/web', 'localhost', 'web'],
		['127.0.0.1:5000/a/b/c:2', '127.0.0.1:5000', 'a/b/c'],
	])('%s is in the registry %s', async (name, host, path) => {
		const { lines } = await run(shell, `registry_of ${name}; path_in_registry ${name}`);
		expect(lines).toEqual([host, path]);
	});
});
