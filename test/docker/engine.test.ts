import type { RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ApiRefusal, createApiClient } from '../../src/engines/docker/api-client.ts';
import { createHostClock } from '../../src/services/host/clock.ts';
import { describeFailure } from '../../src/services/host/network-errors.ts';
import { createAgent } from '../../src/services/host/pipe-agent.ts';
import { serve } from '../helpers/http-server.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	await Promise.all(ends.splice(0).map((end) => end()));
});

/** An engine that answers as it is told. */
const engineThat = async (answer: RequestListener) => {
	const server = await serve(answer);
	const agent = createAgent(() => connect(server.port, '127.0.0.1'));
	ends.push(() => {
		agent.destroy();
		return server.close();
	});
	return createApiClient(agent, createHostClock());
};

/** Resolves when the other side has let go of the connection. */
const letGo = (response: ServerResponse) => new Promise<void>((resolve) => response.once('close', () => resolve()));

const first = async (stream: AsyncIterable<Buffer>): Promise<string> => {
	for await (const bytes of stream) {
		return bytes.toString();
	}
	return '';
};

const whole = async (stream: AsyncIterable<Buffer>): Promise<string> => {
	let text = '';
	for await (const bytes of stream) {
		text += bytes.toString();
	}
	return text;
};

test('asks for the path with its query, and reads the answer as JSON in UTF-8', async () => {
	const asked: unknown[] = [];
	const engine = await engineThat(({ url, headers }, response) => {
		asked.push([url, headers.host]);
		const bytes = Buffer.from('{"name":"é€"}');
		response.write(bytes.subarray(0, 10));
		setTimeout(() => response.end(bytes.subarray(10)), 20);
	});
	expect(await engine.json('containers/json', { query: { all: '1', filters: '{"a":["b c"]}' } })).toEqual({
		name: 'é€',
	});
	expect(asked).toEqual([['/containers/json?all=1&filters=%7B%22a%22%3A%5B%22b+c%22%5D%7D', 'docker']]);
});

test.each([
	['{"message":"No such container: x"}', 'No such container: x'],
	['<html>bad gateway</html>', '<html>bad gateway</html>'],
	['', 'Docker answered 404'],
])('what it refuses with %j is said in its words', async (body, message) => {
	const engine = await engineThat((_, response) => response.writeHead(404).end(body));
	const refusal = expect.objectContaining({ status: 404, message });
	await expect(engine.json('containers/x/json')).rejects.toEqual(refusal);
	await expect(engine.json('containers/x/json')).rejects.toBeInstanceOf(ApiRefusal);
	await expect(first(engine.open('containers/x/logs', {}))).rejects.toEqual(refusal);
});

test('a kept connection that the engine closes as it is used again is no failure', async () => {
	const served = new WeakMap<object, number>();
	const connections = new Set<object>();
	const engine = await engineThat(({ socket }, response) => {
		const count = (served.get(socket) ?? 0) + 1;
		served.set(socket, count);
		connections.add(socket);
		if (count > 1) {
			socket.destroy();
			return;
		}
		response.end('{"name":"a"}');
	});
	// Several are kept, and each of them is closed when it is used.
	await Promise.all([engine.json('info'), engine.json('info'), engine.json('info')]);
	expect(connections.size).toBe(3);
	expect(await engine.json('info')).toEqual({ name: 'a' });
	expect(await whole(engine.open('containers/x/logs', {}))).toBe('{"name":"a"}');
	expect(await whole(engine.open('containers/x/logs', {}))).toBe('{"name":"a"}');
});

test('a new connection that the engine closes without an answer is a failure, and nothing is asked again', async () => {
	let asked = 0;
	const engine = await engineThat(({ socket }) => {
		asked++;
		socket.destroy();
	});
	await expect(engine.json('info')).rejects.toMatchObject({ code: 'ECONNRESET' });
	await expect(whole(engine.open('info', {}))).rejects.toMatchObject({ code: 'ECONNRESET' });
	expect(asked).toBe(2);
});

test('an answer that breaks off is none', async () => {
	const engine = await engineThat((_, response) => {
		response.writeHead(200, { 'content-length': '100' }).write('{"a":');
		setTimeout(() => response.destroy(), 20);
	});
	const said = (error: unknown) => describeFailure(error);
	expect(await engine.json('version').catch(said)).toBe('the answer ended early');
	expect(await whole(engine.open('version', {})).catch(said)).toBe('the answer ended early');
});

test('time-outs: no answer, one that does not end, a refusal that does not end', async () => {
	const engine = await engineThat(({ url }, response) => {
		if (url === '/drips') {
			response.write('{');
		}
		if (url === '/refuses') {
			response.writeHead(500).write('no');
		}
	});
	const late = { code: 'ETIMEDOUT' };
	await expect(engine.json('hangs', { timeoutMs: 50 })).rejects.toMatchObject(late);
	await expect(engine.json('drips', { timeoutMs: 50 })).rejects.toMatchObject(late);
	await expect(first(engine.open('hangs', { timeoutMs: 50 }))).rejects.toMatchObject(late);
	await expect(first(engine.open('refuses', { timeoutMs: 50 }))).rejects.toMatchObject(late);
});

test('a stream that has begun may take its time, and ends when its reader stops or is told to', async () => {
	const open: ServerResponse[] = [];
	const engine = await engineThat((_, response) => {
		open.push(response);
		response.write('one');
		setTimeout(() => response.write('two'), 1500);
	});
	let opened = 0;
	const stream = engine.open('events', { timeoutMs: 1000, onOpen: () => opened++ });
	expect((await stream.next()).value?.toString()).toBe('one');
	expect((await stream.next()).value?.toString()).toBe('two');
	expect(opened).toBe(1);
	const gone = open.map(letGo);
	await stream.return();
	await Promise.all(gone);

	const aborter = new AbortController();
	const told = engine.open('events', { signal: aborter.signal });
	await told.next();
	await told.next();
	const left = open.slice(1).map(letGo);
	aborter.abort(new Error('enough'));
	await expect(told.next()).rejects.toThrow('enough');
	await Promise.all(left);
});

test('one connection serves one request after the other', async () => {
	const ports = new Set<number | undefined>();
	const engine = await engineThat(({ socket }, response) => {
		ports.add(socket.remotePort);
		response.end('{}');
	});
	for (let turn = 0; turn < 5; turn++) {
		await engine.json('version');
		expect(await whole(engine.open('version', {}))).toBe('{}');
	}
	expect(ports.size).toBe(1);
});
