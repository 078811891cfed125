import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programWords } from '../../src/command-line/called-as.ts';
import { calledAs, onTarget, ownCommand, withOwnCommands } from '../../src/runbook/own-command.ts';

afterEach(() => calledAs({ program: ['backout'] }));

/** The words that a shell makes of a command. */
const wordsOf = (command: string): string[] =>
	execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
		.split('\0')
		.slice(0, -1);

describe('a command that is shown', () => {
	it('is only its words where nothing else is needed', () => {
		onTarget('production', 'production');
		expect(ownCommand(['attach', '2026-a'])).toBe('backout attach 2026-a');
		expect(ownCommand(['attach', '2026-a'], 'production')).toBe('backout attach 2026-a');
	});

	it('names the config and the target that this process was given, quoted', () => {
		calledAs({ program: ['npm', 'run', '--silent', 'backout', '--'], config: '/tmp/it is/mine.yaml', target: "bob's" });
		onTarget("bob's", "bob's");
		expect(wordsOf(ownCommand(['undo', '2026-a']))).toEqual(
			['npm', 'run', '--silent', 'backout', '--', '--config', '/tmp/it is/mine.yaml'].concat(
				['--target', "bob's"],
				['undo', '2026-a'],
			),
		);
	});

	it('names the target where another one would be taken, or none', () => {
		onTarget('production', 'production');
		expect(ownCommand(['status'], 'staging')).toBe('backout --target staging status');
		onTarget('production', undefined);
		expect(ownCommand(['status'])).toBe('backout --target production status');
	});

	it.each([[''], ['a b'], ["it's"], ['$HOME'], ['=cmd'], ['~'], ['-n'], ['NAME=a;b'], ['*']])(
		'keeps the word %j whole',
		(word) => expect(wordsOf(ownCommand(['x', word]))).toEqual(['backout', 'x', word]),
	);

	it('is completed in a text, and nothing else is', () => {
		calledAs({ program: ['npx', 'backout'], config: '/x.yaml' });
		expect(withOwnCommands('`backout runs` lists them; backout tries again; see `backout`')).toBe(
			'`npx backout --config /x.yaml runs` lists them; backout tries again; see `npx backout --config /x.yaml`',
		);
	});
});

describe('how this installation is called', () => {
	let folder: string;
	let script: string;
	beforeEach(() => {
		folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-')));
		mkdirSync(join(folder, 'bin'));
		script = join(folder, 'bin', 'backout.js');
		writeFileSync(script, '');
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));
	const words = (more: Partial<Parameters<typeof programWords>[0]>) =>
		programWords({ script, node: process.execPath, nodeOptions: [], cwd: folder, env: {}, ...more });

	it('by its name where that is on the PATH, else by its path', () => {
		const link = join(folder, 'backout');
		symlinkSync(script, link);
		expect(words({ script: link, env: { PATH: `/nowhere:${folder}` } })).toEqual(['backout']);
		expect(words({ script: link, env: { PATH: '/nowhere' } })).toEqual([link]);
	});

	it('by npm in a clone, from any folder', () => {
		const env = { npm_lifecycle_event: 'backout', npm_package_json: join(folder, 'package.json') };
		expect(words({ env: { ...env, INIT_CWD: join(folder, 'bin') } }).join(' ')).toBe('npm run --silent backout --');
		expect(words({ env: { ...env, INIT_CWD: '/' } }).join(' ')).toBe(`npm --prefix ${folder} run --silent backout --`);
		// Another package's script of that name.
		expect(words({ env: { ...env, npm_package_json: '/other/package.json' } })).toContain(script);
	});

	it('by npx, by the script itself, by Node', () => {
		const npx = { npm_command: 'exec', npm_lifecycle_event: 'npx' };
		expect(words({ script: '/app/node_modules/.bin/backout', env: npx })).toEqual(['npx', 'backout']);
		// Something else that npx started calls it.
		expect(words({ env: npx })).toEqual([process.execPath, script]);
		expect(words({ nodeOptions: ['--min-semi-space-size=2', '--max-semi-space-size=2'] })).toEqual([script]);
		expect(words({})).toEqual([process.execPath, script]);
	});
});
