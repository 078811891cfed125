import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { quote } from '../../../src/runbook/shell-quote.ts';
import { httpOnHost, tcpOnHost } from '../../../src/services/checks/on-host.ts';
import { assignments } from '../../../src/services/host/shell-program.ts';
import { guardFunctions } from '../../../src/services/runner/guard/guard-steps.ts';
import { serve, type TestServer } from '../../helpers/http-server.ts';
import { freePort } from '../../ssh/sshd.ts';
import { shellMissing, shellPath, shells } from '../shells.ts';

const means = { hasCurl: true, hasRelay: true, expected: [] };
const tools = 'mkfifo sleep timeout tail sed tr grep rm head perl cat date awk cut sort cmp mkdir'.split(' ');
const find = (name: string): string =>
	(process.env.PATH ?? '')
		.split(delimiter)
		.map((folder) => join(folder, name))
		.find(existsSync) ?? '';

interface Answered {
	readonly code: number;
	readonly said: string;
}

describe.each(shells)('what a guard on the host asks, in %s', (shell) => {
	const short = shell === 'dash' ? {} : { tags: 'long' };
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-ask-'));
		mkdirSync(join(folder, 'watch'));
		mkdirSync(join(folder, 'bin'));
		for (const tool of tools) {
			symlinkSync(find(tool), join(folder, 'bin', tool));
		}
		symlinkSync(shellPath(shell), join(folder, 'bin', 'sh'));
		writeFileSync(join(folder, 'library.sh'), 'enter_folder() { cd /; }\n');
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	const run = (script: string, withCurl: boolean): Promise<Answered> => {
		const curl = join(folder, 'bin', 'curl');
		if (withCurl && !existsSync(curl)) {
			symlinkSync(find('curl'), curl);
		}
		const text = `run_dir=${folder} watch_dir=${folder}/watch\n${guardFunctions({ watched: '' })}\n${script}\n`;
		return new Promise((resolve) => {
			const words = shell === 'busybox' ? ['sh'] : [];
			const env = { PATH: join(folder, 'bin'), LC_ALL: 'C.UTF-8' };
			const child = execFile(shellPath(shell), words, { env }, (error, stdout, stderr) => {
				expect(stderr).toBe('');
				resolve({ code: Number(error?.code ?? 0), said: stdout.trim() });
			});
			child.stdin?.end(text);
		});
	};
	const valuesOf = (values: Readonly<Record<string, string>>, seconds: number): string =>
		assignments(
			Object.fromEntries(
				Object.entries({ ...values, seconds: String(seconds) }).map(([name, value]) => [`guard_1_${name}`, value]),
			),
		);
	const skipped = shellMissing(shell);

	describe.skipIf(skipped)('over HTTP', short, () => {
		let server: TestServer;
		beforeAll(async () => {
			server = await serve((request, response) => {
				const [, status = '200'] = /^\/(\d+)/.exec(request.url ?? '') ?? [];
				if (status === '999') {
					return;
				}
				const body = `{"status": "${request.headers['x-who'] ?? 'ok'}"}\n`;
				const length = request.url === '/pieces' ? {} : { 'content-length': body.length };
				response.writeHead(Number(status), length).end(status === '204' ? undefined : body);
			});
		});
		afterAll(() => server.close());

		const ask = (path: string, expect: object, more: object, withCurl: boolean, at = server.url): Promise<Answered> => {
			const definition = { url: `${at}${path}`, timeoutMs: 1000, expect: { status: 200, ...expect }, ...more };
			const question = httpOnHost(definition as Parameters<typeof httpOnHost>[0], means);
			if (typeof question === 'string') {
				throw new Error(question);
			}
			return run(`${valuesOf(question.values, question.seconds)}\nask_http 1`, withCurl);
		};

		describe.each([
			['curl', true],
			['a program that connects', false],
		])('with %s', (_name, withCurl) => {
			test.skipIf(withCurl && find('curl') === '')('passes, fails, and tells silence from a closed port', async () => {
				expect(await ask('/', { body: '"status": ?"ok"' }, {}, withCurl)).toEqual({ code: 0, said: 'status 200' });
				expect(await ask('/204', { status: '2xx' }, {}, withCurl)).toEqual({ code: 0, said: 'status 204' });
				expect(await ask('/503', {}, {}, withCurl)).toEqual({ code: 1, said: 'status 503 instead of 200' });
				expect(await ask('/', { body: '"status":"down"' }, {}, withCurl)).toMatchObject({ code: 1 });
				expect(await ask('/', { body: 'guard' }, { headers: { 'X-Who': 'guard' } }, withCurl)).toMatchObject({
					code: 0,
				});
				expect(await ask('/999', {}, {}, withCurl)).toEqual({ code: 1, said: 'no answer within 1 s' });
				// Without curl nobody puts the pieces of a body together.
				const pieces = await ask('/pieces', { body: '"status":"down"' }, {}, withCurl);
				expect(pieces.code, pieces.said).toBe(withCurl ? 1 : 75);
				const closed = `http://127.0.0.1:${await freePort()}`;
				expect(await ask('/', {}, {}, withCurl, closed)).toEqual({ code: 1, said: 'refuses the connection' });
			});

			test.skipIf(withCurl && find('curl') === '')('knows nothing when the name cannot be found', async () => {
				expect(await ask('/', {}, {}, withCurl, 'http://no-such-host.invalid')).toMatchObject({ code: 75 });
			});
		});
	});

	test.skipIf(skipped ?? find('curl') === '')('connects to a port', { tags: 'long' }, async () => {
		const listen = (greet: (server: Server) => Server) =>
			new Promise<{ port: number; server: Server }>((resolve) => {
				const server = greet(createServer());
				server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as { port: number }).port, server }));
			});
		const ask = (port: number) => {
			const question = tcpOnHost({ address: `127.0.0.1:${port}`, through: 'host', timeoutMs: 2000 }, means);
			return run(`${valuesOf(typeof question === 'string' ? {} : question.values, 2)}\nask_tcp 1`, true);
		};
		const silent = await listen((server) => server.on('connection', (socket) => socket.on('error', () => {})));
		const closing = await listen((server) => server.on('connection', (socket) => socket.end()));
		expect(await ask(silent.port)).toEqual({ code: 0, said: 'accepts the connection' });
		expect(await ask(closing.port)).toMatchObject({ code: 1 });
		expect(await ask(await freePort())).toEqual({ code: 1, said: 'refuses the connection' });
		silent.server.close();
		closing.server.close();
	});

	const line = (fields: Readonly<Record<string, string | number>>): string => {
		const all = {
			service: 'web',
			id: 'a1',
			status: 'running',
			health: '-',
			code: 0,
			restarts: 0,
			policy: 'no',
			...fields,
		};
		const times = { created: '2026-11-29T07:00:00', started: '2026-11-29T07:00:01', finished: '0001-01-01T00:00:00' };
		const { service, id, status, health, code, restarts, policy } = all;
		const { created, started, finished, up = '-', period = '-' } = { ...times, ...fields } as Record<string, string>;
		return [
			...[service, `app-${service}-${id}`, id, status, health, code, restarts, policy],
			...[created, started, finished, up, period],
		].join('\t');
	};
	const judge = (expected: string, instances: readonly string[], before: readonly string[] = []) => {
		writeFileSync(join(folder, 'watch/instances'), instances.map((one) => `${one}\n`).join(''));
		writeFileSync(join(folder, 'watch/instances.before'), before.map((one) => `${one}\n`).join(''));
		return run(`judge_instances ${quote(expected)}`, false);
	};
	const exited = (code: number, finished: string) =>
		line({ service: 'side', id: 'b', status: 'exited', code, finished });

	describe.skipIf(skipped)('of containers', () => {
		const web = 'web\t1\tserves';
		const both = `${web}\nside\t1\tunclear`;
		test.each<[string, string, readonly string[], number, string]>([
			['all run', web, [line({})], 0, 'as many containers run as there should be'],
			['one is restarting', web, [line({ status: 'restarting', code: 1, restarts: 3 })], 1, 'web is restarting'],
			['one is unhealthy', web, [line({ health: 'unhealthy' })], 1, 'web is unhealthy'],
			['one is missing', web, [], 1, 'web has no container'],
			[
				'one crashes and is up between',
				web,
				[line({ restarts: 4, up: '3', period: '9' })],
				1,
				'crashed about every 9 s',
			],
			['one crashed long ago', web, [line({ restarts: 4, up: '9000', period: '9' })], 0, 'as many'],
			['a server has ended with 0', web, [line({ status: 'exited' })], 1, 'web is exited'],
			['a job is done', 'web\t1\tjob', [line({ status: 'exited' })], 0, 'as many'],
			['it is unclear', 'web\t1\tunclear', [line({ status: 'exited' })], 75, 'nothing shows'],
			['the files say that it ends', 'web\t1\tends', [line({ status: 'exited' })], 0, 'as many'],
			['a surplus one has failed', web, [line({}), line({ id: 'old', status: 'exited', code: 1 })], 0, 'as many'],
			['another was down before', both, [line({}), exited(1, '2026-11-29T06:00:00')], 1, 'before\nside is exited'],
			['another has stopped since', both, [line({}), exited(1, '2026-11-29T07:30:00')], 1, 'side is exited'],
			['it is scaled to none', 'web\t0\tserves', [line({ status: 'exited', code: 1 })], 0, 'as many'],
		])('when %s', async (_name, expected, instances, code, said) => {
			const answer = await judge(expected, instances);
			expect(answer.code, answer.said).toBe(code);
			expect(answer.said.startsWith('before')).toBe(said.startsWith('before'));
			expect(answer.said).toContain(said);
		});

		test('when one was started again since the last round', async () => {
			const answer = await judge(web, [line({ started: '2026-11-29T07:10:00' })], [line({})]);
			expect(answer).toEqual({ code: 1, said: 'web was restarted just now' });
		});
	});
});
