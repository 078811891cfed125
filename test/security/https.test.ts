import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { probe } from '../../src/services/monitors/probe.ts';

const request = { timeoutMs: 20_000, maxBytes: 1000 } as const;

describe('HTTPS with a certificate of its own', () => {
	let folder: string;
	let server: Server;
	let port: number;
	let asked = 0;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'backout-https-'));
		const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
		const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
		execFileSync('openssl', [...made, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], {
			stdio: 'pipe',
		});
		server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
			asked++;
			response.end('well');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		port = (server.address() as AddressInfo).port;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
		rmSync(folder, { recursive: true, force: true });
	});

	test.each(['host', 'direct'] as const)(
		'is refused in words, asked by way of %s, and nothing was asked',
		async (through) => {
			const host = new LocalHost();
			const url = `https://127.0.0.1:${port}/health`;
			const error = await probe(host, { ...request, url, through }).catch((error: unknown) => error);
			await host.close();
			expect(error).toMatchObject({
				code: 'failed',
				message: expect.stringMatching(
					/certificate is from an authority that this machine does not trust.*NODE_EXTRA_CA_CERTS/,
				),
			});
			expect(asked).toBe(0);
		},
	);

	test('is accepted once the operator names the certificate', async () => {
		const script = `import { LocalHost } from '${join(import.meta.dirname, '../../src/services/host/local-host.ts')}';
			import { probe } from '${join(import.meta.dirname, '../../src/services/monitors/probe.ts')}';
			const host = new LocalHost();
			const answer = await probe(host, { url: 'https://127.0.0.1:${port}/', through: 'host', timeoutMs: 20000, maxBytes: 100 });
			console.log(answer.status, answer.body.toString());
			process.exit();`;
		// Node reads the variable once, when it starts.
		const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
			env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') },
			timeout: 25_000,
		});
		expect(stdout).toBe('200 well\n');
	});
});
