import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pagePolicy } from '../../src/commands/page/page-html.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { replaceFile } from '../../src/services/files/replaced-file.ts';
import { type PageServer, servePage } from '../../src/services/page/page-server.ts';
import { pageOf, shownTarget } from './fixture.ts';

const text = pageOf([shownTarget().shown]);

interface Answer {
	readonly status: number | undefined;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body: string;
}

const ask = (
	url: string,
	{ method = 'GET', host, body }: { readonly method?: string; readonly host?: string; readonly body?: string } = {},
): Promise<Answer> =>
	new Promise((resolve, reject) => {
		const asked = request(url, { method, ...(host !== undefined && { headers: { host } }) }, (response) => {
			let said = '';
			response.setEncoding('utf8').on('data', (piece: string) => {
				said += piece;
			});
			response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: said }));
		});
		asked.once('error', reject);
		asked.end(body);
	});

describe('the page over HTTP', () => {
	let server: PageServer;
	beforeEach(async () => {
		server = await servePage({
			port: 0,
			page: () => maskSecrets(text),
			policy: pagePolicy,
			names: ['Status.Example.org'],
		});
	});
	afterEach(() => server.close());

	test('GET gives it, to be kept by nobody; HEAD only its headers', async () => {
		const got = await ask(server.url);
		expect(got).toMatchObject({ status: 200, body: text });
		expect(got.headers).toMatchObject({
			'content-type': 'text/html; charset=utf-8',
			'cache-control': 'no-store',
			'x-content-type-options': 'nosniff',
			'referrer-policy': 'no-referrer',
			'cross-origin-resource-policy': 'same-origin',
		});
		expect(got.headers).not.toHaveProperty('access-control-allow-origin');
		const { status, body } = await ask(server.url, { method: 'HEAD' });
		expect({ status, body }).toEqual({ status: 200, body: '' });
	});

	test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async (method) => {
		const { status, headers, body } = await ask(server.url, { method, ...(method !== 'OPTIONS' && { body: 'x=1' }) });
		expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' });
		expect(body).not.toContain('production');
	});

	test.each(['evil.example', 'evil.example:8020', '127.0.0.1.evil.example', 'localhost.evil.example:1'])(
		'a request for the name %j is refused: a website may have this address',
		async (host) => {
			for (const method of ['GET', 'HEAD', 'POST']) {
				const { status, body } = await ask(server.url, { method, host });
				expect([method, status]).toEqual([method, 421]);
				expect(body).not.toContain('production');
			}
		},
	);

	test.each([
		'localhost',
		'LOCALHOST:9999',
		'127.0.0.1:1234',
		'[::1]:8020',
		'status.example.org',
		'status.example.org:443',
	])('through a tunnel or an allowed proxy it answers as %s', async (host) => {
		expect((await ask(server.url, { host })).status).toBe(200);
	});

	test('there is one page', async () => {
		for (const path of ['etc/passwd', '..%2f', 'favicon.ico', '?x=1', '/', '/evil.example/']) {
			expect([path, (await ask(`${server.url}${path}`)).status]).toEqual([path, path === '?x=1' ? 200 : 404]);
		}
	});

	test('it listens on the loopback interface only', async () => {
		const { port } = new URL(server.url);
		const others = Object.values(networkInterfaces())
			.flatMap((all) => all ?? [])
			.filter(({ internal, family }) => !internal && family === 'IPv4');
		for (const { address } of others) {
			await expect(ask(`http://${address}:${port}/`, { host: 'localhost' })).rejects.toThrow(/ECONNREFUSED/);
		}
	});

	test('a port that is taken is a mistake with a way out', async () => {
		const port = Number(new URL(server.url).port);
		await expect(servePage({ port, page: () => maskSecrets(''), policy: pagePolicy })).rejects.toMatchObject({
			code: 'usage',
			message: expect.stringContaining(`port ${port} of 127.0.0.1`),
			next: expect.stringContaining('--port'),
		});
	});
});

test('the policy allows exactly the style and the script that the page has, and nothing from elsewhere', () => {
	for (const [element, directive] of [
		['style', 'style-src'],
		['script', 'script-src'],
	]) {
		const [, own = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(text) ?? [];
		const hash = createHash('sha256').update(own).digest('base64');
		expect(pagePolicy).toContain(`${directive} 'sha256-${hash}'`);
	}
	expect(text).toContain(`content="${pagePolicy.replaceAll("'", '&#39;')}"`);
	expect(pagePolicy).not.toContain('unsafe');
	expect(text).not.toMatch(/\s(?:src|href)="(?!data:,")/);
});

describe('the page in a file', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-page-'));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	test('a reader finds the old one or the new one, whole, and can read it', async () => {
		const file = join(folder, 'index.html');
		const page = (letter: string) => maskSecrets(letter.repeat(200_000));
		await replaceFile(file, page('a'));
		const seen = new Set<string>();
		const watcher = watch(folder, () => {
			const now = readFileSync(file, 'utf8');
			seen.add(`${now[0]} ${now.length} ${new Set(now).size}`);
		});
		for (const letter of ['b', 'c', 'd']) {
			await replaceFile(file, page(letter));
		}
		watcher.close();
		expect([...seen].filter((one) => !/^[abcd] 200000 1$/.test(one))).toEqual([]);
		expect(readFileSync(file, 'utf8')[0]).toBe('d');
		expect(statSync(file).mode & 0o777).toBe(0o666 & ~process.umask());
	});

	test('nothing else is overwritten, and the reason has a way out', async () => {
		writeFileSync(join(folder, 'precious'), 'x');
		symlinkSync(join(folder, 'precious'), join(folder, 'link'));
		await expect(replaceFile(join(folder, 'link'), maskSecrets('y'))).rejects.toMatchObject({ code: 'usage' });
		expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('x');
		await expect(replaceFile(join(folder, 'no', 'page'), maskSecrets('y'))).rejects.toMatchObject({
			code: 'failed',
			next: expect.stringContaining('existing folder'),
		});
	});
});
