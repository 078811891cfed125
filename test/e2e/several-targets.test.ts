import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

const runbook = `title: Local
verification: { checks: [well], settle: 500ms, deadline: 2s }
checks:
  well: { kind: script, title: Well, run: 'test ! -e broken || { echo "it is broken"; exit 1; }', interval: 500ms }
procedures:
  change:
    title: Change it
    risk: disruptive
    restorePoint: false
    inputs:
      - { name: version, title: Version, resolve: 'printf "%s\\\\n" "$value"', choices: 'cat version', preset: first }
    preconditions:
      - { id: free, title: It is free, run: 'test ! -e busy || { echo "it is busy"; exit 1; }' }
    steps:
      - { id: one, title: One, run: 'echo "$version" >changed' }
      - { id: two, title: Two, run: 'while [ -e gate ]; do echo waiting; sleep 0.1; done', timeout: 1m }
  wipe:
    title: Wipe it
    risk: destructive
    restorePoint: false
    steps:
      - { id: one, title: One, run: 'echo wiped >changed' }
  look:
    title: Look at it
    risk: read-only
`;

let place: LocalPlace;
const names = ['eu', 'us', 'ap'];
const at = (target: string, file: string) => join(place.folder, target, file);
const begun = () => names.filter((name) => existsSync(at(name, 'changed')));

beforeEach(() => {
	place = createLocalPlace();
	place.write('local.yaml', runbook);
	const targets = names.map((name) => {
		mkdirSync(join(place.folder, name));
		writeFileSync(at(name, 'version'), '1.4\n');
		return `  ${name}: { host: local, directory: ${join(place.folder, name)}, state: ${join(place.folder, `${name}-state`)}, runbook: ./local.yaml }\n`;
	});
	place.write('backout.yaml', `targets:\n${targets.join('')}`);
});
afterEach(() => place.remove());

const run = (...args: string[]) => place.run(['run', ...args]);
const linesOf = (stdout: string) =>
	stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown> & { type: string });

test('one after the other, each verified before the next begins; where their inputs differ is pointed out', async () => {
	writeFileSync(at('us', 'version'), '1.3\n');
	const said = await run('change', '--targets', 'us,eu', '--yes', '--reason', 'release');
	expect(said, said.stderr).toMatchObject({ code: 0 });
	expect(begun()).toEqual(['eu', 'us']);
	expect(said.stdout).toMatch(/on 2 targets, one after the other[\s\S]*Version differs:\n {2}us: 1\.3.*\n {2}eu: 1\.4/);
	expect(said.stdout).toMatch(/✓ us {2}done and verified.*\n✓ eu {2}done and verified/);
	const first = said.stdout.indexOf('done and verified');
	expect(first).toBeLessThan(said.stdout.indexOf('on eu (', said.stdout.indexOf('on us (')));
});

test('stops at the first that is not verified: the next is not begun', async () => {
	writeFileSync(at('us', 'broken'), '');
	const said = await run('change', '--targets', 'eu,us,ap', '--yes', '--json');
	expect(said).toMatchObject({ code: 5 });
	expect(begun()).toEqual(['eu', 'us']);
	const lines = linesOf(said.stdout);
	expect(lines.at(-1)).toMatchObject({
		type: 'targets',
		exitCode: 5,
		targets: [
			{ target: 'eu', outcome: 'verified' },
			{ target: 'us', outcome: 'unverified' },
			{ target: 'ap', outcome: 'not-begun' },
		],
	});
	expect(lines.filter(({ type, target }) => type !== 'targets' && target === undefined)).toEqual([]);
});

test('nothing begins unless every one of them may start', async () => {
	writeFileSync(at('ap', 'busy'), '');
	const said = await run('change', '--targets', 'eu,us,ap', '--yes', '--json');
	expect(said).toMatchObject({ code: 4, stderr: expect.stringMatching(/ap: not met: It is free \(it is busy\)/) });
	expect(begun()).toEqual([]);
	const unconfirmed = await run('change', '--targets', 'eu,us');
	expect(unconfirmed).toMatchObject({ code: 4, stderr: expect.stringContaining('was not confirmed') });
	expect(begun()).toEqual([]);
});

test('a destructive one needs the name of every target, and no other', { tags: 'long' }, async () => {
	const wipe = (names: string, reason = 'test') =>
		run('wipe', '--targets', 'eu,us', '--confirm', names, '--reason', reason);
	expect(await wipe('eu')).toMatchObject({ code: 4, stderr: expect.stringContaining('--confirm us') });
	expect(await wipe('eu,us,ap')).toMatchObject({ code: 4, stderr: expect.stringContaining('names ap, which is not') });
	expect(await wipe('eu,us', '')).toMatchObject({ code: 4, stderr: expect.stringContaining('needs a reason') });
	expect(begun()).toEqual([]);
	expect(await wipe('us,eu')).toMatchObject({ code: 0 });
	expect(begun()).toEqual(['eu', 'us']);
});

test('a mistake in the names contacts none', async () => {
	const wrong: readonly (readonly [readonly string[], string])[] = [
		[['--targets', 'eu,moon'], 'has no target "moon"'],
		[['--targets', 'eu,eu'], '--targets names eu twice'],
		[['--targets', ','], '--targets names no target'],
		[['--targets', 'eu,us', '--detach'], 'so it cannot detach'],
		[['--target', 'eu', '--targets', 'us'], 'use one of them'],
	];
	for (const [args, why] of wrong) {
		const said = await run('change', '--yes', ...args);
		expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
	}
	expect(begun()).toEqual([]);
});

test('only checks: of each target', { tags: 'long' }, async () => {
	writeFileSync(at('us', 'broken'), '');
	const said = await run('look', '--targets', 'eu,us,ap', '--json');
	expect(said).toMatchObject({ code: 1 });
	expect(linesOf(said.stdout).at(-1)?.targets).toMatchObject([
		{ target: 'eu', outcome: 'verified' },
		{ target: 'us', outcome: 'failed' },
		{ target: 'ap', outcome: 'not-begun' },
	]);
});

test("ctrl-c says whose run goes on, and how to follow and to cancel it; the next isn't begun", {
	tags: 'long',
}, async () => {
	writeFileSync(at('us', 'gate'), '');
	const args = [program, 'run', 'change', '--targets', 'eu,us,ap', '--yes'];
	const child = spawn(process.execPath, args, {
		cwd: place.folder,
		env: { ...process.env, XDG_STATE_HOME: place.home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
	});
	let text = '';
	let isTold = false;
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (part: string) => {
			text += part;
			// Told again, it ends at once.
			if (!isTold && text.includes('waiting')) {
				isTold = true;
				child.kill('SIGINT');
			}
		});
	}
	const code = await new Promise((resolve) => child.on('close', resolve));
	rmSync(at('us', 'gate'));
	expect(code, text).toBe(130);
	expect(text).toMatch(/✓ eu {2}done and verified/);
	expect(text).toMatch(/\? us {2}no longer followed, its run continues on the host {2}run (\S+)/);
	expect(text).toMatch(/· ap {2}not begun/);
	const [, id] = /its run continues on the host {2}run (\S+)/.exec(text) ?? [];
	expect(text).toMatch(new RegExp(`--target us attach ${id}`));
	expect(text).toMatch(new RegExp(`--target us cancel ${id}`));
	expect(begun()).toEqual(['eu', 'us']);
	expect(await place.run(['--target', 'us', 'attach', id ?? ''])).toMatchObject({ code: 0 });
});
