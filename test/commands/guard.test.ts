import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runApart, type ServedDemo, serveDemo } from '../demo/demo.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';
import { startProxy } from '../net/proxy.ts';
import { inState, startGuard } from './guard-process.ts';

// Real runs, on a machine that does much else.
const good = 'a'.repeat(40);
const bad = 'b'.repeat(40);
const running = 'c'.repeat(40);

const runbook = (port: number) => `title: Guarded
verification: { checks: [health], settle: 3s, deadline: 20s }
checks:
  health: { kind: http, title: Health, url: 'http://127.0.0.1:${port}/health', timeout: 5s }
procedures:
  back:
    title: Go back
    group: All
    when: It is wrong.
    risk: disruptive
    restorePoint: false
    needsRoom: false
    inputs:
      - name: commit
        title: Commit
        type: commit
        choices: |
          [ ! -e deployed ] || printf '${'d'.repeat(40)}\\tnewer\\tthe newest\\tcurrent\\n'
          [ -e deployed ] || printf '${running}\\trunning\\tthe new one\\tcurrent\\n'
          printf '${bad}\\tbad\\tknown\\t\\n${good}\\tgood\\tknown\\t\\n'
        resolve: printf '%s\\n' "$value"
    preconditions:
      - { id: free, title: Free, run: 'test ! -e not-free' }
    steps:
      - { id: one, title: Go back, run: 'echo "$commit" >went-back' }
  drop:
    title: Drop it
    group: All
    when: It is wrong.
    risk: destructive
    restorePoint: false
    needsRoom: false
    steps: [{ id: one, title: Drop, run: 'echo dropped >went-back' }]
  person:
    title: Ask
    group: All
    when: It is wrong.
    risk: disruptive
    restorePoint: false
    needsRoom: false
    verify: []
    steps: [{ id: wait, title: Look at it, manual: Look., timeout: 5m }]
  look:
    title: Look
    group: All
    when: Always.
    risk: read-only
    steps: [{ id: one, title: Look, run: 'true' }]
`;

describe('with a service of its own', () => {
	let demo: ServedDemo;
	let folder: string;
	let config: string;
	let server: TestServer;
	let status = 200;
	const wentBack = () => join(folder, 'app', 'went-back');
	const marks = () => join(folder, 'state', 'commits');
	beforeAll(async () => {
		// Its containers have run for a day, and keep running.
		demo = await serveDemo('gateway');
	});
	afterAll(() => demo?.stop());
	beforeEach(async () => {
		status = 200;
		folder = mkdtempSync(join(tmpdir(), 'backout-guard-'));
		mkdirSync(join(folder, 'app'));
		mkdirSync(join(folder, 'state'), { mode: 0o700 });
		server = await serve((_request, response) => {
			// It is well again after a rollback.
			response.writeHead(existsSync(wentBack()) ? 200 : status).end('said by the service\n');
		});
		writeFileSync(join(folder, 'guarded.yaml'), runbook(server.port));
		config = join(folder, 'backout.yaml');
		writeFileSync(
			config,
			readFileSync(demo.config, 'utf8')
				.replace(/"directory":"[^"]+"/, `"directory":"${folder}/app"`)
				.replace(/"state":"[^"]+"/, `"state":"${folder}/state"`)
				.replaceAll('./demo.yaml', './guarded.yaml')
				.replaceAll(/,"variables":\{[^}]*\}/g, ''),
		);
		writeFileSync(marks(), `${bad} bad 1 x\n${good} good 1 x\n`);
	});
	afterEach(async () => {
		await server.close();
		rmSync(folder, { recursive: true, force: true });
	});
	const run = (...args: string[]) => runApart(process.execPath, [program, '--config', config, ...args], process.env);
	const guard = (...args: string[]) => startGuard(config, ['--interval', '500ms', '--grace', '0s', ...args]);

	test('what lasts is rolled back to what is known to be good, and the journal says who did it and why', async () => {
		const going = guard('--for', '5m', '--procedure', 'back', '--yes', '--reason', 'deployment 42');
		await going.until(inState('well'));
		status = 503;
		const { code, lines, stderr } = await going.ended;
		expect(code, stderr).toBe(1);
		expect(lines.at(-1)).toMatchObject({ type: 'guarded', outcome: 'rolled-back', exitCode: 1 });
		expect(readFileSync(wentBack(), 'utf8').trim()).toBe(good);
		const failing = lines.filter(inState('failing')).map(({ failedSeconds }) => Number(failedSeconds));
		expect(failing.length).toBeGreaterThanOrEqual(4);
		expect(Math.max(...failing)).toBeGreaterThanOrEqual(3);
		const [newest] = readLines((await run('runs', '--json')).stdout);
		expect(newest).toMatchObject({ procedure: 'back', verdict: 'passed', id: lines.at(-1)?.run });
		expect(newest?.reason).toMatch(/^guard \[deployment 42\]: failed for \d+ s: Health: .*503.*said by the service/);
	});

	test('what does not last is left alone, and the end is the verdict', async () => {
		const going = guard('--for', '12s', '--procedure', 'back', '--yes');
		await going.until(inState('well'));
		status = 503;
		await going.until(inState('failing'));
		status = 200;
		const { code, lines, stderr } = await going.ended;
		expect(code, stderr).toBe(0);
		expect(lines.at(-1)).toMatchObject({ type: 'guarded', outcome: 'well', exitCode: 0 });
		expect(existsSync(wentBack())).toBe(false);
		expect(stderr).toBe('');
	});

	test('in the grace period nothing counts', { tags: 'long' }, async () => {
		status = 503;
		const going = guard('--for', '5m', '--grace', '20s', '--procedure', 'back', '--yes');
		const began = await going.until(({ type }) => type === 'guard');
		await going.until(inState('grace'));
		const { code, lines } = await going.ended;
		expect(code).toBe(1);
		const first = lines.find(inState('failing'));
		expect(Number(first?.at)).toBeGreaterThanOrEqual(Number(began.graceUntil));
	});

	test('told to stop it stands down, and has changed nothing', async () => {
		const going = guard('--for', '5m', '--procedure', 'back', '--yes');
		await going.until(inState('well'));
		going.kill('SIGINT');
		const { code, lines } = await going.ended;
		expect(code).toBe(130);
		expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
		expect(lines.at(-1)?.message).toMatch(/nothing was changed/);
		expect(existsSync(wentBack())).toBe(false);
	});

	test('where somebody else is at work, it stands down', { tags: 'long' }, async () => {
		const going = guard('--for', '5m', '--procedure', 'back', '--yes');
		await going.until(inState('well'));
		const other = await run('run', 'person', '--yes', '--detach', '--reason', 'I look at it', '--json');
		expect(other.code, other.stderr).toBe(0);
		status = 503;
		const { code, lines } = await going.ended;
		expect(code).toBe(4);
		expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'refused' });
		expect(lines.at(-1)?.message).toMatch(/guard stops: .*(locked by .* person|has run person)/);
		expect(existsSync(wentBack())).toBe(false);
		// And before it begins.
		const locked = await guard('--for', '5m', '--procedure', 'back', '--yes').ended;
		expect(locked.code).toBe(4);
		expect(locked.lines.at(-1)?.message).toMatch(/locked by/);
		await run('continue', 'last', '--give-up');
	});

	test('where something else was deployed meanwhile, it stands down', { tags: 'long' }, async () => {
		const going = guard('--for', '5m', '--procedure', 'back', '--yes');
		await going.until(inState('well'));
		writeFileSync(join(folder, 'app', 'deployed'), '');
		status = 503;
		const { code, lines } = await going.ended;
		expect(code).toBe(4);
		expect(lines.at(-1)?.message).toMatch(/guard stops: something else was deployed/);
		expect(existsSync(wentBack())).toBe(false);
	});

	test('it does not begin without a way back, or without the consent that its risk asks for', async () => {
		const refused = async (pattern: RegExp, code: number, ...args: string[]) => {
			const said = await guard('--for', '1m', ...args).ended;
			expect(said.lines.at(-1)?.message ?? said.stderr, args.join(' ')).toMatch(pattern);
			expect(said.code, args.join(' ')).toBe(code);
			expect(said.lines.map(({ type }) => type)).toEqual(['error']);
		};
		await Promise.all([
			refused(/was not confirmed/, 4, '--procedure', 'back'),
			refused(/target's name/, 4, '--procedure', 'drop', '--yes'),
			refused(/not the name of this target/, 4, '--procedure', 'drop', '--confirm', 'elsewhere'),
			refused(/verification has failed on bad/, 4, '--procedure', 'back', '--yes', '--input', `commit=${bad}`),
			refused(/is running now/, 4, '--procedure', 'back', '--yes', '--input', `commit=${running}`),
			refused(/waits for an operator/, 4, '--procedure', 'person', '--yes'),
			refused(/changes nothing/, 2, '--procedure', 'look', '--yes'),
			refused(/no procedure/, 2, '--procedure', 'nothing', '--yes'),
			refused(/no time is left to watch/, 2, '--procedure', 'back', '--yes', '--grace', '2m'),
		]);
		writeFileSync(join(folder, 'app', 'not-free'), '');
		await refused(/not met: Free/, 4, '--procedure', 'back', '--yes');
		writeFileSync(marks(), `${bad} bad 1 x\n`);
		await refused(/nothing to go back to/, 4, '--procedure', 'back', '--yes');
		expect(existsSync(wentBack())).toBe(false);
		expect((await run('runs', '--json')).stdout).toBe('');
	});
});

test('a lost link is never a failure: it watches on when the link is back, and rolls back over it', {
	tags: 'long',
}, async () => {
	const demo = await serveDemo('crash');
	const text = readFileSync(demo.config, 'utf8');
	const [, port = ''] = /@127\.0\.0\.1:(\d+)/.exec(text) ?? [];
	const proxy = await startProxy(Number(port));
	try {
		// The same host behind a proxy that can be cut.
		const known = join(demo.folder, 'known-by-proxy');
		const config = join(demo.folder, 'proxied.yaml');
		const [, file = ''] = /"knownHosts":"([^"]+)"/.exec(text) ?? [];
		writeFileSync(known, readFileSync(file, 'utf8').replaceAll(`]:${port} `, `]:${proxy.port} `));
		writeFileSync(config, text.replace(`:${port}"`, `:${proxy.port}"`).replace(file, known));
		const going = startGuard(config, ['--for', '10m', '--procedure', 'engine-crash', '--yes', '--grace', '1s']);
		await going.until(inState('failing'));
		proxy.refuse = true;
		proxy.reset();
		const seen = going.lines.length;
		await going.until(inState('unknown'), seen);
		const before = going.lines.filter(inState('failing')).length;
		// While it is away nothing is counted, and nothing done, however often it is tried again.
		const refused = proxy.refused;
		await expect.poll(() => proxy.refused).toBeGreaterThanOrEqual(refused + 3);
		expect(going.lines.filter(inState('failing'))).toHaveLength(before);
		expect((await demo.backout('runs')).said).toMatch(/nothing has been run/);
		proxy.refuse = false;
		const { code, lines, stderr } = await going.ended;
		expect(code, stderr).toBe(1);
		expect(lines.at(-1)).toMatchObject({ type: 'guarded', outcome: 'rolled-back', exitCode: 1 });
		const [run] = readLines((await demo.backoutApart('runs', '--json')).stdout);
		expect(run).toMatchObject({ procedure: 'engine-crash', verdict: 'passed' });
		expect(run?.reason).toMatch(/^guard: failed for/);
	} finally {
		await proxy.stop();
		await demo.stop();
	}
});
