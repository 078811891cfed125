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

describe('guard --on-host', () => {
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
	const guard = (...args: string[]) =>
		run('guard', '--on-host', '--procedure', 'back', '--grace', '0s', '--interval', '1s', '--yes', ...args);

	test('is refused where the host can ask nothing by itself', async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('tls'));
		const { code, stderr } = await guard('--for', '10s');
		expect(code, stderr).toBe(4);
		expect(stderr).toContain(
			'the host can ask none of the checks by itself: Certificate: only backout itself can ask it',
		);
	});

	test('prints JSON, and is attached to with the same outcome', { tags: 'long' }, async () => {
		writeFileSync(join(folder, 'guarded.yaml'), runbook('users, tls'));
		const { code, stdout, stderr } = await guard('--for', '6s', '--detach', '--json');
		expect(code, stderr).toBe(0);
		const lines = readLines(stdout);
		expect(lines.map(({ type }) => type)).toEqual(['plan', 'guard', 'detached']);
		expect(lines[1]).toMatchObject({
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
