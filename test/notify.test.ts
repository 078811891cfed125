import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNotify, watchForOperator } from '../src/application/runs/notify.ts';
import type { Verification } from '../src/runbook/check.ts';
import { endNotice, type Notice } from '../src/runbook/notice.ts';
import { defaultNotify } from '../src/runbook/preferences.ts';
import type { Run } from '../src/runbook/run.ts';
import { maskSecrets } from '../src/runbook/secrets.ts';
import { maskDeep } from '../src/runbook/secrets-deep.ts';
import { notifyDesktop } from '../src/services/notify/desktop.ts';
import { postWebhook } from '../src/services/notify/webhook.ts';
import { notificationSequence } from '../src/terminal/osc.ts';
import { createLocalPlace, type LocalPlace } from './e2e/local-place.ts';
import { serve, type TestServer } from './helpers/http-server.ts';
import { pressUntil } from './helpers/press-until.ts';
import { program } from './helpers/program.ts';
import { type Pty, startInPty } from './helpers/pty.ts';
import { run as doneRun } from './report/fixture.ts';

const madeRun = (more: Partial<Run>): Run => ({ ...doneRun, verified: undefined, ...more });

describe('the terminal notifies', () => {
	const say = (env: Record<string, string>, text = 'done') => notificationSequence('backout', maskSecrets(text), env);

	test('by the sequence that it knows, and by none where it is not known to know one', () => {
		expect(say({ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' })).toBe('\u001b]9;backout: done\u001b\\');
		expect(say({ TERM: 'xterm-kitty' })).toContain(']9;');
		expect(say({ TERM: 'foot' })).toBe('\u001b]777;notify;backout;done\u001b\\');
		expect(say({ TERM: 'xterm-256color', VTE_VERSION: '7600' })).toContain(']777;');
		expect(say({ TERM: 'xterm-256color' })).toBe('');
		expect(say({ TERM: 'screen', TERM_PROGRAM: 'iTerm.app' })).toBe('');
		expect(say({ TERM: 'xterm-kitty', TMUX: '/tmp/x' })).toBe('');
	});

	test('with nothing in it that ends the sequence or begins another', () => {
		const said = say({ TERM: 'foot' }, 'a\u001b]0;x\u0007\u009b31m\u001b\\b\nc');
		expect(said.slice(2, -2)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
	});
});

describe('a desktop', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-notify-'));
		const file = join(folder, 'notify-send');
		writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$@" >'${folder}/got'\n`);
		chmodSync(file, 0o755);
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	test('gets texts as arguments, never through a shell or as an option', async () => {
		const env = { PATH: `${folder}:${process.env.PATH}` };
		await notifyDesktop('--icon=x', maskSecrets(`$(touch ${folder}/run) <b>&`), { platform: 'linux', env });
		expect(readFileSync(join(folder, 'got'), 'utf8').split('\n').slice(0, -1)).toEqual([
			'--app-name=backout',
			'--',
			'--icon=x',
			`$(touch ${folder}/run) &lt;b&gt;&amp;`,
		]);
		expect(existsSync(join(folder, 'run'))).toBe(false);
	});

	test('that is not there is said in a line', async () => {
		await expect(
			notifyDesktop('a', maskSecrets('b'), { platform: 'linux', env: { PATH: '/nowhere' } }),
		).rejects.toThrow('notify-send: it is not installed');
	});
});

describe('a webhook', () => {
	let server: TestServer;
	const bodies: string[] = [];
	let status = 200;
	beforeEach(async () => {
		bodies.length = 0;
		status = 200;
		server = await serve(async (request, response) => {
			if (request.url === '/hang') {
				return;
			}
			let body = '';
			for await (const chunk of request) {
				body += chunk;
			}
			bodies.push(`${request.method} ${request.headers['content-type']} ${body}`);
			response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end('x'.repeat(1024));
		});
	});
	afterEach(() => server.close());

	test('gets the notice as JSON, without secrets', async () => {
		const verification = { verdict: 'failed', reason: 'password=hunter-two is wrong', checks: [] };
		const notice = endNotice(madeRun({ state: 'succeeded' }), verification as unknown as Verification);
		await postWebhook(`${server.url}/hook`, notice);
		expect(bodies[0]).toMatch(/^POST application\/json \{/);
		const got = JSON.parse(bodies[0]?.replace(/^POST \S+ /, '') ?? '') as Notice;
		expect(got).toMatchObject({ event: 'ended', state: 'succeeded', verdict: 'failed' });
		expect(got.text).toContain('steps done, verification failed');
		expect(JSON.stringify(got)).not.toContain('hunter-two');
	});

	test('that does not take it is said without the URL, which may be a secret', async () => {
		const at = new URL(server.url).host;
		status = 500;
		await expect(postWebhook(`${server.url}/t0ken`, maskDeep({}))).rejects.toThrow(new Error(`${at} answered 500`));
		status = 302;
		await expect(postWebhook(`${server.url}/t0ken`, maskDeep({}))).rejects.toThrow(new Error(`${at} answered 302`));
		await expect(postWebhook(`${server.url}/hang`, maskDeep({}), 200)).rejects.toThrow(
			new Error(`${at}: no answer within 0.2 s`),
		);
		await expect(postWebhook('http://127.0.0.1:1/t0ken', maskDeep({}))).rejects.toThrow(/^127\.0\.0\.1:1: (?!.*t0ken)/);
	});
});

describe('an operator is told', () => {
	const written: string[] = [];
	const terminal = { write: (data: string) => written.push(data) };
	const options = { terminal, env: { TERM: 'foot' }, platform: 'linux' as const };
	beforeEach(() => {
		written.length = 0;
	});
	const ended = endNotice(madeRun({ state: 'failed' }), undefined);

	test('by bell and terminal after a while, and not at once', () => {
		createNotify(defaultNotify, options)(ended, 9000, () => {});
		expect(written).toEqual([]);
		createNotify(defaultNotify, options)(ended, 11_000, () => {});
		expect(written.join('')).toMatch(/^\u001b\]777;notify;backout: run ended;.*failed.*\u001b\\\u0007$/);
		written.length = 0;
		createNotify({ ...defaultNotify, bell: false, terminal: false }, options)(ended, 11_000, () => {});
		expect(written).toEqual([]);
	});

	test('of an end that was seen, and once of each wait; not of what had ended before', () => {
		const told: string[] = [];
		const watch = () => watchForOperator(({ event, reason }) => told.push(`${event} ${reason}`));
		const run = madeRun({ state: 'running' });
		const plan = { ...run.plan, steps: [{ id: 'a', title: 'Look', kind: 'manual', script: '', timeoutSeconds: 60 }] };
		const waiting = { ...run, plan, steps: [{ id: 'a', state: 'running', startedAt: 1 }] } as Run;
		const first = watch();
		first.run(waiting);
		first.run({ ...waiting });
		first.ended({ ...waiting, state: 'failed' }, undefined);
		expect(told).toEqual(['waiting Look', 'ended ']);
		told.length = 0;
		const second = watch();
		second.run({ ...run, state: 'failed' });
		second.ended({ ...run, state: 'failed' }, undefined);
		expect(told).toEqual([]);
	});
});

describe('on a terminal', () => {
	let place: LocalPlace;
	let server: TestServer;
	let pty: Pty;
	const posted: Notice[] = [];
	beforeEach(async () => {
		posted.length = 0;
		server = await serve(async (request, response) => {
			let body = '';
			for await (const chunk of request) {
				body += chunk;
			}
			posted.push(JSON.parse(body) as Notice);
			response.writeHead(503).end();
		});
		place = createLocalPlace(`notify: { after: 0s, webhook: "${server.url}/t0ken" }\n`);
	});
	afterEach(async () => {
		await pty.close();
		await server.close();
		place.remove();
	});
	const open = (...args: string[]) => {
		pty = startInPty(process.execPath, [program, ...args], {
			cwd: place.folder,
			env: {
				XDG_STATE_HOME: place.home,
				DOCKER_HOST: 'unix:///nonexistent/docker.sock',
				TERM_PROGRAM: 'iTerm.app',
				TMUX: undefined,
			},
		});
	};

	test('`run` rings, notifies and posts; a webhook that fails is one line and changes no exit code', async () => {
		open('run', 'change', '--input', 'api_token=x', '--yes');
		const { code } = await pty.exited;
		expect(code).toBe(0);
		expect(pty.raw).toMatch(/\u001b\]9;backout: run ended: here: Change it: [^\u001b]*\u001b\\\u0007/);
		const lines = pty.screen().filter((line) => line.includes('webhook'));
		expect(lines).toEqual([`The webhook failed: ${new URL(server.url).host} answered 503`]);
		expect(posted).toMatchObject([{ event: 'ended', target: 'here', procedure: 'change', state: 'succeeded' }]);
	});

	test('the dashboard does, and says in its last row what it could not do', async () => {
		open();
		await pty.waitFor('Procedures');
		await pty.waitFor(() => pty.modes().bracketedPaste);
		pty.send(':');
		await pty.waitFor('Go to');
		pty.send('ask');
		await pty.waitFor(/:ask/);
		pty.press('enter');
		await pty.waitFor('Nothing has changed yet.');
		pty.press('enter');
		await pty.waitFor('Start it now?');
		await pressUntil(pty, 'y', 'Waiting for you', 20_000);
		await pty.waitFor(/The webhook failed: 127\.0\.0\.1:\d+ answered 503/);
		expect(pty.raw).toContain(
			'\u001b]9;backout: waiting for you: here: Ask: waits for you (Wait for somebody)\u001b\\\u0007',
		);
		expect(posted).toMatchObject([{ event: 'waiting', state: 'running' }]);
		await place.run(['cancel', 'last']);
		await pty.waitFor('Cancelled');
	});
});
