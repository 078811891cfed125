import type { AuthContext } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import type { AuthPrompt, Prompter } from '../../src/services/ssh/auth-prompt.ts';
import { type AskingServer, startAskingServer } from './asking-server.ts';

describe.each(['ssh2', 'openssh'] as const)('asking for a password, by %s', (transport) => {
	let server: AskingServer;
	let host: Host | undefined;
	let methods: ('password' | 'keyboard-interactive')[] = [];

	const authenticate = (context: AuthContext) => {
		if (context.method === 'password' && methods.includes('password') && context.password === 'right') {
			context.accept();
		} else if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive')) {
			context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
				answers[0] === 'right' ? context.accept() : context.reject(methods),
			);
		} else {
			context.reject(methods);
		}
	};

	beforeAll(async () => {
		server = await startAskingServer(authenticate);
	});
	afterEach(() => host?.close());
	afterAll(() => server.close());

	const open = (ask?: Prompter): Host => {
		host = openHost(
			{ host: server.destination, ssh: { knownHosts: server.knownHosts, transport } },
			{ home: server.folder, env: { PATH: process.env.PATH }, ask },
		);
		return host;
	};

	it.each(['password', 'keyboard-interactive'] as const)(
		'takes a %s, and remembers it for a reconnect',
		async (method) => {
			methods = [method];
			const questions: AuthPrompt[] = [];
			const answers = ['wrong', 'right'];
			open(async (question) => {
				questions.push(question);
				return answers.shift();
			});
			expect((await host?.exec('hello'))?.stdout.toString()).toBe('hello');
			expect(questions.map(({ kind }) => kind)).toEqual([method, method]);
			expect(questions[0]?.prompt).toMatch(/password/i);

			const down = new Promise<void>((resolve) => {
				const stop = host?.link.subscribe(() => {
					if (host?.link.get().status === 'reconnecting') {
						stop?.();
						resolve();
					}
				});
			});
			for (const client of server.clients) {
				client.end();
			}
			await down;
			expect((await host?.exec('again'))?.stdout.toString()).toBe('again');
			expect(questions).toHaveLength(2);
		},
	);

	it('gives up after three wrong ones', async () => {
		methods = ['password'];
		let asked = 0;
		const wrong = async () => {
			asked++;
			return 'wrong';
		};
		await expect(open(wrong).ready()).rejects.toMatchObject({
			code: 'untrusted',
			message: expect.stringContaining('a password'),
		});
		expect(asked).toBe(3);
	});

	it.each(['password', 'keyboard-interactive'] as const)(
		'asks for a %s no more when it is declined',
		async (method) => {
			methods = [method];
			let asked = 0;
			const decline = async () => {
				asked++;
				return undefined;
			};
			await expect(open(decline).ready()).rejects.toMatchObject({ code: 'untrusted' });
			expect(asked).toBe(1);
		},
	);

	it('says what the server accepts when there is nobody to ask', async () => {
		methods = ['password', 'keyboard-interactive'];
		await expect(open().ready()).rejects.toThrow(
			/no key or password could be offered\. It accepts: password, keyboard-interactive\./,
		);
	});
});
