import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startDebugLog } from '../../src/commands/start-debug-log.ts';
import { setDebugLog } from '../../src/services/debug/debug-log.ts';
import { openDebugLog } from '../../src/services/debug/open-debug-log.ts';
import { backout, run } from '../demo/demo.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';

type Line = Readonly<Record<string, unknown>> & { readonly event: string };

const linesOf = (file: string): readonly Line[] =>
	readFileSync(file, 'utf8')
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-debug-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('of a run', () => {
	let server: TestServer;
	let config: string;
	let lines: readonly Line[];
	let file: string;
	const program = (...args: readonly string[]) =>
		run(process.execPath, [backout, '--config', config, ...args, '--debug-log', file], process.env);

	beforeAll(async () => {
		server = await serve((_request, response) => response.end('ok'));
		config = join(folder, 'backout.yaml');
		file = join(folder, 'run.ndjson');
		mkdirSync(join(folder, 'app'));
		writeFileSync(join(folder, 'app', '.env'), 'DB_PASSWORD=swordfish-from-env\n');
		writeFileSync(
			config,
			`targets: { here: { host: local, directory: ${folder}/app, runbook: ./runbook.yaml, state: ${folder}/state } }\n`,
		);
		writeFileSync(
			join(folder, 'runbook.yaml'),
			`title: Small
variables: { api_token: token-of-the-runbook }
verification: { checks: [health], settle: 0s, deadline: 20s }
checks:
  health: { kind: http, title: Health, url: '${server.url}/health' }
procedures:
  look:
    title: Look
    group: All
    when: Always.
    risk: read-only
    steps: [{ id: one, title: Print it, run: 'cat .env; echo a reason: $api_token' }]
`,
		);
		const ended = await program('run', 'look', '--reason', 'API_KEY=hunter2hunter2');
		expect(ended.code, ended.said).toBe(0);
		lines = linesOf(file);
	});
	afterAll(() => server.close());

	const first = (event: string): Line | undefined => lines.find((line) => line.event === event);

	test('it begins with the version and ends with the exit code', () => {
		expect(lines[0]).toMatchObject({
			event: 'start',
			version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
			node: process.versions.node,
			arguments: expect.arrayContaining(['run', 'look']),
		});
		expect(lines.at(-1)).toMatchObject({ event: 'end', exitCode: 0 });
		for (const { at, ms } of lines) {
			expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
			expect(ms).toEqual(expect.any(Number));
		}
	});

	test('it tells of the config, the link, the plan, the run and its checks', () => {
		expect(first('config')).toMatchObject({ target: { runbook: { procedures: expect.any(Array) } } });
		const statuses = lines.filter(({ event }) => event === 'link').map(({ status }) => status);
		expect(statuses).toContain('up');
		expect(first('plan')).toMatchObject({ procedure: 'look', steps: expect.any(Array) });
		const id = first('start-run')?.id;
		const runs = lines.filter(({ event }) => event === 'run');
		expect(runs.length).toBeGreaterThan(1);
		expect(runs.at(-1)).toMatchObject({ id, state: 'succeeded' });
		const checks = lines.filter(({ event, of }) => event === 'checks' && of === id);
		expect(checks.at(-1)).toMatchObject({ verdict: 'passed', final: true });
	});

	test('each command of the host has a name, a duration and an exit code, and not what it was given or printed', () => {
		const commands = lines.filter(({ event }) => event === 'command' || event === 'stream');
		expect(commands.length).toBeGreaterThan(2);
		for (const command of commands) {
			expect(command).toMatchObject({ by: expect.stringMatching(/\w/), tookMs: expect.any(Number) });
			expect(Object.keys(command).filter((name) => /^(?:input|stdout|stderr|command)$/.test(name))).toEqual([]);
		}
		expect(commands.some(({ by }) => String(by).includes('startRun'))).toBe(true);
	});

	test('secrets are masked, those of the host as well, and only its owner may read it', () => {
		const text = readFileSync(file, 'utf8');
		expect(text).not.toContain('hunter2');
		expect(text).not.toMatch(/swordfish-from-env|token-of-the-runbook/);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	test('an error has its stack; a second run of the program adds to the file', async () => {
		const { code } = await program('plan', 'nonsense');
		expect(code).toBe(2);
		const added = linesOf(file).slice(lines.length);
		expect(added[0]).toMatchObject({ event: 'start' });
		expect(added.find(({ event }) => event === 'error')).toMatchObject({
			where: 'command',
			code: 'usage',
			stack: expect.stringMatching(/nonsense[\s\S]*\n\s+at /),
		});
		expect(added.at(-1)).toMatchObject({ event: 'end', exitCode: 2 });
	});
});

test('the variables that change what backout does are written, and no others', () => {
	const file = join(folder, 'variables.ndjson');
	vi.stubEnv('DOCKER_HOST', 'unix:///run/user/1000/docker.sock');
	vi.stubEnv('NO_COLOR', '1');
	vi.stubEnv('HOME_ADDRESS', 'nobody-needs-to-know');
	startDebugLog(file, '1.0.0');
	setDebugLog(undefined);
	vi.unstubAllEnvs();
	expect(linesOf(file)[0]?.environment).toMatchObject({
		DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
		NO_COLOR: '1',
	});
	expect(readFileSync(file, 'utf8')).not.toContain('nobody-needs-to-know');
});

test('a file that cannot be written is said before anything is contacted', async () => {
	const file = join(folder, 'nowhere', 'log');
	const { code, said } = await run(process.execPath, [backout, 'status', '--debug-log', file], process.env, folder);
	expect(code).toBe(2);
	expect(said).toContain('cannot write the debug log');
	expect(existsSync(file)).toBe(false);
});

test('a field with the name of a secret is masked, and so is a known value wherever it stands', () => {
	const file = join(folder, 'masked');
	writeFileSync(file, '', { mode: 0o644 });
	const log = openDebugLog(file);
	log.addSecrets(['swordfish', 'a']);
	log.write('one', {
		variables: { DB_PASSWORD: 'correct horse', nested: [{ apiToken: 'battery', plain: 'staple' }] },
		said: 'it is swordfish',
		error: new Error('no swordfish here'),
		hidden: 'turned \u202e round',
	});
	const text = readFileSync(file, 'utf8');
	expect(text).not.toMatch(/correct horse|battery|swordfish|\u202e/);
	expect(text).toContain('staple');
	expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a named pipe or device takes it, too', () => {
	expect(() => openDebugLog('/dev/null').write('one', { two: 3 })).not.toThrow();
});
