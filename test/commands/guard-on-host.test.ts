import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { linesOfCommands } from '../../src/commands/output/events.ts';
import { runApart, type ServedDemo, serveDemo } from '../demo/demo.ts';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';

const runbook = (checks: string) => `title: Guarded
verification: { checks: [${checks}], settle: 2s, deadline: 20s }
checks:
  users: { kind: script, title: Users, run: 'test ! -e broken' }
  tls: { kind: certificate, title: Certificate, address: '127.0.0.1:1' }
procedures:
  back:
    title: Go back
    group: All
    when: It is wrong.
    risk: disruptive
    restorePoint: false
    needsRoom: false
    verify: [users]
    steps: [{ id: one, title: Go back, run: 'rm -f broken; echo back >went-back' }]
`;

describe('guard on the host', () => {
	let demo: ServedDemo;
	let folder: string;
	beforeAll(async () => {
		demo = await serveDemo('gateway');
	});
	afterAll(() => demo?.stop());
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-on-host-'));
		mkdirSync(join(folder, 'app'));
		mkdirSync(join(folder, 'state'), { mode: 0o700 });
		writeFileSync(
			join(folder, 'backout.yaml'),
			readFileSync(demo.config, 'utf8')
				.replace(/"directory":"[^"]+"/, `"directory":"${folder}/app"`)
				.replace(/"state":"[^"]+"/, `"state":"${folder}/state"`)
				.replaceAll('./demo.yaml', './guarded.yaml')
				.replaceAll(/,"variables":\{[^}]*\}/g, ''),
		);
		return () => rmSync(folder, { recursive: true, force: true });
	});
	const run = (...args: string[]) =>
		runApart(process.execPath, [program, '--config', join(folder, 'backout.yaml'), ...args], process.env);
	const words = ['guard', '--procedure', 'back', '--grace', '0s', '--interval', '1s', '--yes'];
	const guard = (...args: string[]) => run(...words, ...args);

	test('is refused where the host can ask nothing by itself', async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('tls'));
		const { code, stderr } = await guard('--on-host', '--for', '10s');
		expect(code, stderr).toBe(4);
		expect(stderr).toContain(
			'the host can ask none of the checks by itself: Certificate: only backout itself can ask it',
		);
	});

	test('is the default where the host can ask all checks; ctrl-c leaves it, and says how to go on', async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('users'));
		const child = spawn(
			process.execPath,
			[program, '--config', join(folder, 'backout.yaml'), ...words, '--for', '5m'],
			{
				stdio: ['ignore', 'pipe', 'pipe'],
			},
		);
		let text = '';
		const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
		}
		await expect.poll(() => text, { timeout: 60_000 }).toMatch(/\d\d:\d\d:\d\d well/);
		child.kill('SIGINT');
		expect(await ended, text).toBe(130);
		expect(text).toContain('The host watches by itself, also when this command has ended');
		const [, id = ''] = /the guard keeps watching on the host, as run (\S+)/.exec(text) ?? [];
		expect(text).toMatch(new RegExp(`to follow it again: .* attach ${id}`));
		expect(text).toMatch(new RegExp(`to end it on the host: .* cancel ${id}`));
		expect(readLines((await run('runs', '--json')).stdout)[0]).toMatchObject({ id, state: 'running', guard: true });
		const cancelled = await run('cancel', id);
		expect(cancelled.code, cancelled.stderr).toBe(0);
		expect(existsSync(join(folder, 'app', 'went-back'))).toBe(false);
	});

	test('is not chosen where a check needs this machine: it says which, and watches here', {
		tags: 'long',
	}, async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('users, tls'));
		const { code, stdout, stderr } = await guard('--for', '2s', '--json');
		expect(
			readLines(stdout).find(({ type }) => type === 'guard'),
			stderr,
		).toMatchObject({
			onHost: false,
			checks: ['users', 'tls'],
			notAsked: ['Certificate: only backout itself can ask it'],
		});
		expect(code).not.toBe(4);
		expect((await run('runs', '--json')).stdout).not.toContain('"guard":true');
		const detached = await guard('--for', '2s', '--detach');
		expect(detached.code, detached.stderr).toBe(4);
		expect(detached.stderr).toContain('this machine has to watch, so nothing could go on: Certificate');
		const both = await guard('--for', '2s', '--here', '--detach');
		expect(both.code, both.stderr).toBe(2);
		expect(both.stderr).toContain('a guard that watches from here ends with this command');
	});

	test('prints JSON, and is attached to with the same outcome', { tags: 'long' }, async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('users, tls'));
		const { code, stdout, stderr } = await guard('--on-host', '--for', '6s', '--detach', '--json');
		expect(code, stderr).toBe(0);
		const lines = readLines(stdout);
		expect(lines.map(({ type }) => type)).toEqual(['plan', 'guard', 'detached']);
		expect(lines[1]).toMatchObject({
			onHost: true,
			checks: ['users'],
			notAsked: ['Certificate: only backout itself can ask it'],
		});
		const ended = await run('attach', 'last', '--json');
		const said = readLines(ended.stdout);
		for (const { type } of said) {
			expect(linesOfCommands.attach).toContain(type);
		}
		expect(existsSync(join(folder, 'app', 'went-back'))).toBe(false);
		expect(ended.code, ended.stderr).toBe(0);
		expect(said.at(-1)).toMatchObject({ type: 'guarded', outcome: 'well', exitCode: 0 });
	});
});
