// Runs the form that ships, if the build changes a package: other unit tests use the packages as they are.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import stringWidth from 'string-width';
import { afterEach, expect, test } from 'vitest';
import { startAskingServer } from '../ssh/asking-server.ts';
import { type Bundled, bundle } from './bundled.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) {
		await cleanUp();
	}
});

const bundled = async (source: string): Promise<Bundled> => {
	const made = await bundle(source);
	cleanUps.push(made.remove);
	return made;
};

/** Runs a program that prints JSON. */
const result = async (source: string, ...args: readonly string[]): Promise<unknown> => {
	const { code, stdout, stderr } = await (await bundled(source)).run(...args);
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	return JSON.parse(stdout);
};

const serve = async (listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
	const server: Server = createServer(listener);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	cleanUps.push(() => {
		server.closeAllConnections();
		return new Promise((resolve) => server.close(resolve));
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test('got gets, posts, follows a redirect with the body, tries again, and streams', async () => {
	let tries = 0;
	const url = await serve((request, response) => {
		if (request.url === '/moved') {
			response.writeHead(307, { location: '/echo' }).end();
		} else if (request.url === '/busy' && tries++ === 0) {
			response.writeHead(503, { 'retry-after': '0' }).end();
		} else {
			const chunks: Buffer[] = [];
			request.on('data', (chunk) => chunks.push(chunk));
			request.on('end', () =>
				response.end(`${request.method} ${request.httpVersion} ${Buffer.concat(chunks).toString()}`),
			);
		}
	});
	const source = `
		import got from 'got';
		const url = process.argv[2];
		const text = (path, options = {}) => got(url + path, options).text();
		const streamed = [];
		for await (const chunk of got.stream(url + '/echo')) streamed.push(chunk);
		console.log(JSON.stringify([
			await text('/echo'),
			await text('/echo', { method: 'POST', json: { one: 1 } }),
			await text('/moved', { method: 'POST', body: 'kept', methodRewriting: false }),
			await text('/busy'),
			Buffer.concat(streamed).toString(),
		]));
	`;
	expect(await result(source, url)).toEqual([
		'GET 1.1 ',
		'POST 1.1 {"one":1}',
		'POST 1.1 kept',
		'GET 1.1 ',
		'GET 1.1 ',
	]);
	expect(tries).toBe(2);
});

test('ssh2 connects, by a cipher with its WebAssembly as well, and runs a command', async () => {
	const server = await startAskingServer((context) => context.accept());
	cleanUps.push(() => server.close());
	const [, port = ''] = /:(\d+)$/.exec(server.destination) ?? [];
	const source = `
		import ssh2 from 'ssh2';
		const run = (cipher) => new Promise((resolve, reject) => {
			const client = new ssh2.Client();
			client.on('error', reject).on('ready', () => client.exec('hello by ' + cipher, (error, channel) => {
				if (error) return reject(error);
				let said = '';
				channel.on('data', (bytes) => { said += bytes; }).on('close', () => { client.end(); resolve(said); });
			})).connect({ host: '127.0.0.1', port: Number(process.argv[2]), username: 'user', algorithms: { cipher: [cipher] } });
		});
		console.log(JSON.stringify([await run('chacha20-poly1305@openssh.com'), await run('aes128-gcm@openssh.com')]));
	`;
	expect(await result(source, port)).toEqual([
		'hello by chacha20-poly1305@openssh.com',
		'hello by aes128-gcm@openssh.com',
	]);
});

test('texts are as wide as string-width says, and it is loaded for those that need it', async () => {
	const texts = ['plain', '├─ “é” ✓', '\u001b[31mred\u001b[0m', '日本', '👩‍👩‍👧', 'e\u0301', ''];
	const source = `
		import stringWidth from 'string-width';
		console.log(JSON.stringify(JSON.parse(process.argv[2]).map((text) => stringWidth(text))));
	`;
	expect(await result(source, JSON.stringify(texts))).toEqual(texts.map((text) => stringWidth(text)));
});

test("Ink draws with Yoga's WebAssembly, and ends", async () => {
	const source = `
		import { Box, render, Text } from 'ink';
		const { unmount, waitUntilExit } = render(<Box width={12} borderStyle="single"><Text>日本 ok</Text></Box>);
		setImmediate(unmount);
		await waitUntilExit();
	`;
	const { code, stdout } = await (await bundled(source)).run();
	expect(stdout).toContain('│日本 ok   │');
	expect(code).toBe(0);
});

test('Ink makes no segmenter for plain texts, also in colours, and draws others whole', async () => {
	const source = `
		import { renderToString, Box, Text } from 'ink';
		let made = 0;
		const { Segmenter } = Intl;
		Intl.Segmenter = function (...args) { made++; return new Segmenter(...args); };
		const draw = (text) => renderToString(<Box width={8}><Text>{text}</Text></Box>);
		const plain = draw('│ \\u001b[31mok');
		const before = made;
		console.log(JSON.stringify({ plain, before, others: ['日本語日本語', '👩‍👩‍👧 one two three'].map(draw) }));
	`;
	expect(await result(source)).toEqual({
		plain: expect.stringContaining('│ \u001b[31mok'),
		before: 0,
		others: ['日本語日\n本語', '👩‍👩‍👧 one\ntwo\nthree'],
	});
});

test("a module of Node is loaded when something of it is first used, and is Node's own", async () => {
	const source = `
		import * as all from 'node:dgram';
		import dgram, { createSocket } from 'node:dgram';
		import { EventEmitter } from 'node:events';
		import process, { argv } from 'node:process';
		const loaded = () => process.moduleLoadList.includes('NativeModule dgram');
		const before = loaded();
		const own = process.getBuiltinModule('node:dgram').createSocket;
		console.log(JSON.stringify({
			before,
			same: createSocket === own && dgram.createSocket === own && all.createSocket === own,
			events: new EventEmitter() instanceof process.getBuiltinModule('node:events'),
			process: process === globalThis.process && argv === process.argv,
		}));
	`;
	expect(await result(source)).toEqual({ before: false, same: true, events: true, process: true });
});
