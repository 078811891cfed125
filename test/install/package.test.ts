import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLines } from '../helpers/output-lines.ts';
import { pressUntil } from '../helpers/press-until.ts';
import { startInPty } from '../helpers/pty.ts';
import { install, installedIn, type Packed, pack, plainEnv, plainPath } from './installed.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-install-')));
const empty = join(folder, 'empty');
const { command: backout, package: installed } = installedIn(folder);

const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/;
let packed: Packed;
let skipped: string | undefined;

beforeAll(async () => {
	packed = await pack(folder);
	mkdirSync(empty);
	try {
		await install(folder, packed);
	} catch (error) {
		const said = String((error as { stderr?: string }).stderr ?? error);
		if (!unreachable.test(said) || process.env.BACKOUT_LAB === 'required') {
			throw error;
		}
		skipped = `the npm registry is out of reach: ${unreachable.exec(said)?.[0]}`;
		console.warn(`skipped: ${skipped}`);
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('only what it needs is packed, built anew', () => {
	const files = packed.files.map(({ path: file }) => file);
	expect(files).toEqual(
		expect.arrayContaining(['bin/backout.js', 'dist/cli.js', 'dist/demo-host.js', 'man/backout.1']),
	);
	expect(
		files.filter((file) => !/^(bin|dist|man|runbooks|schema)\/|^(package\.json|README\.md|LICENSE)$/.test(file)),
	).toEqual([]);
	expect(files).not.toContain('dist/of-an-earlier-build.js');
	expect(files.filter((file) => file.endsWith('.ts') || file.endsWith('.map'))).toEqual([]);
	// What is downloaded: 1.4 MB. The whole of a dependency in place of the part that is needed would be seen.
	expect(packed.size).toBeLessThan(1_800_000);
});

test('an old Node is told so in a sentence', () => {
	const old = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.11.0'})";
	const said = spawnSync(process.execPath, ['--import', old, join(root, 'bin', 'backout.js'), '--version'], {
		encoding: 'utf8',
	});
	expect(said.status).toBe(2);
	expect(said.stderr).toMatch(
		/^backout: it needs Node 22\.12 or newer; this is v[\d.]+ \(.*\)\nIn a clone, .* npm run --silent backout -- …\n$/,
	);
});

describe('installed into an empty folder', () => {
	test('it needs nothing beside it, and all that was bundled came with its licence', ({ skip }) => {
		skip(skipped !== undefined, skipped);
		const { dependencies = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
		expect(dependencies).toEqual({});
		expect(existsSync(join(installed, 'node_modules'))).toBe(false);
		const licences = readFileSync(join(installed, 'dist', 'LICENCES.txt'), 'utf8');
		expect(licences).toMatch(/^react 19[\s\S]*MIT/m);
		expect(licences).toMatch(/^ssh2 1\.[\s\S]*Brian White/m);
	});

	test('--version, and the runbooks that are built in', async ({ skip }) => {
		skip(skipped !== undefined, skipped);
		const version = await run(backout, ['--version'], { cwd: empty, env: plainEnv });
		expect(version.stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
		writeFileSync(
			join(empty, 'backout.yaml'),
			'targets:\n  here: { host: local, directory: /srv/x, runbook: compose, variables: { service: web } }\n',
		);
		const { stdout } = await run(backout, ['procedures'], { cwd: empty, env: plainEnv });
		expect(stdout).toContain('rollback-commit');
	});

	test('without installing it, by npx', async ({ skip }) => {
		skip(skipped !== undefined, skipped);
		const args = ['--yes', '--prefer-offline', '--package', join(folder, packed.filename), 'backout', '--version'];
		const { stdout } = await run('npx', args, {
			cwd: empty,
			env: { ...plainEnv, npm_config_cache: join(folder, 'npx') },
		});
		expect(stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
	});

	test('verify against the demo host', async ({ skip }) => {
		skip(skipped !== undefined, skipped);
		const child = spawn(backout, ['demo', '--serve', '--json'], {
			cwd: empty,
			env: plainEnv,
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		try {
			const line = await new Promise<string>((resolve, reject) => {
				child.stdout.setEncoding('utf8').once('data', resolve);
				child.once('close', () => reject(new Error('the demo host ended')));
			});
			const config = String(readLines(line)[0]?.config);
			const said = await run(backout, ['--config', config, 'verify', '--json'], { cwd: empty, env: plainEnv }).catch(
				(error) => error,
			);
			expect(said.code, said.stderr).toBe(1);
			expect(readLines(said.stdout).at(-1)).toMatchObject({ type: 'verdict', verdict: 'failed' });
		} finally {
			child.kill('SIGTERM');
		}
	});

	test('demo, in a terminal, to a finished rollback', { tags: 'long' }, async ({ skip }) => {
		skip(skipped !== undefined, skipped);
		const pty = startInPty(backout, ['demo'], { cwd: empty, env: { PATH: plainPath } });
		try {
			await pty.waitFor(/▶ enter: the plan of "Engine crash/, 120_000);
			await pressUntil(pty, 'enter', 'Nothing has changed yet', 60_000);
			await pressUntil(pty, 'enter', 'Start it now?', 60_000);
			await pressUntil(pty, 'y', /step \d of \d|Steps done/, 60_000);
			await pty.waitFor('Rolled back and verified', 120_000);
			await pressUntil(pty, 'esc', '▶ It is verified', 30_000);
			await pressUntil(pty, 'q', () => !pty.modes().alternateScreen, 60_000);
			expect((await pty.exited).code).toBe(0);
		} finally {
			await pty.close();
		}
	});
});
