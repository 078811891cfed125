import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { builtInFolder, builtInNames } from '../../src/services/files/built-in.ts';
import { checkFile, openConfig } from '../../src/services/files/files.ts';
import { findConfig } from '../../src/services/files/find-config.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-files-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
	const path = join(folder, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
};
const failure = (call: () => unknown): BackoutError => {
	try {
		call();
	} catch (error) {
		if (error instanceof BackoutError) {
			return error;
		}
		throw error;
	}
	throw new Error('no error was thrown');
};

const small = 'targets: { a: { host: h, directory: /d } }';

test('the config is looked for at --config, here, and in the config folder, in that order', () => {
	const cwd = join(folder, 'work');
	const env = { HOME: join(folder, 'home') };
	const find = (config?: string, more = {}) => findConfig({ config, cwd, env: { ...env, ...more } });
	const none = failure(find);
	expect(none.code).toBe('config');
	expect(none.message).toBe(
		`no config was found; looked for ${cwd}/backout.yaml and ${folder}/home/.config/backout/backout.yaml`,
	);
	expect(none.next).toContain('backout init');

	const atHome = write('home/.config/backout/backout.yaml', small);
	expect(find()).toBe(atHome);
	// A relative XDG_CONFIG_HOME does not count.
	expect(find(undefined, { XDG_CONFIG_HOME: 'x' })).toBe(atHome);
	const inXdg = write('xdg/backout/backout.yaml', small);
	expect(find(undefined, { XDG_CONFIG_HOME: join(folder, 'xdg') })).toBe(inXdg);
	const here = write('work/backout.yaml', small);
	expect(find()).toBe(here);
	const named = write('other.yaml', small);
	expect(find('../other.yaml')).toBe(named);
	expect(find('~/.config/backout/backout.yaml')).toBe(atHome);
	expect(failure(() => find('missing.yaml')).message).toBe(`there is no config at ${cwd}/missing.yaml`);
});

test('paths in a config are relative to it, and ~ is the home folder', () => {
	write('ops/mine.yaml', 'extends: ./parts/base.yaml\ntitle: Mine');
	write('ops/parts/base.yaml', 'extends: compose\ntitle: Base');
	const config = write(
		'ops/backout.yaml',
		'targets: { a: { host: h, directory: /d, runbook: mine.yaml, identityFile: keys/id, knownHosts: ~/known, sshConfig: /etc/x } }',
	);
	const loaded = openConfig({ config, cwd: folder, env: { HOME: '/home/me' } });
	expect(loaded.file).toBe(config);
	expect(loaded.targets[0]?.runbook.title).toBe('Mine');
	expect(loaded.targets[0]?.runbook.checks.map(({ id }) => id)).toContain('containers');
	expect(loaded.targets[0]?.ssh).toEqual({
		identityFile: join(folder, 'ops', 'keys', 'id'),
		knownHosts: '/home/me/known',
		configFile: '/etc/x',
	});
});

test('what cannot be read is said where it is named', () => {
	const env = { HOME: folder };
	write(
		'backout.yaml',
		'targets:\n  a: { host: h, directory: /d, runbook: compsoe }\n  b: { host: h, directory: /d, runbook: ./x.yaml }\n  c: { host: h, directory: /d, runbook: ./ }\n',
	);
	expect(failure(() => openConfig({ cwd: folder, env })).message.split('\n')).toEqual([
		'backout.yaml:2:41: cannot read the runbook "compsoe": no built-in runbook has this name; did you mean "compose"? (a path has a / or ends in .yaml)',
		`backout.yaml:3:41: cannot read the runbook "./x.yaml": there is no such file: ${folder}/x.yaml`,
		`backout.yaml:4:41: cannot read the runbook "./": it is a folder: ${folder}`,
	]);
	expect(failure(() => checkFile('none.yaml', { cwd: folder, env })).message).toBe(
		`cannot read ${folder}/none.yaml: there is no such file`,
	);
});

test('a runbook is read from a file only, and not from one without measure', () => {
	execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
	write('large.yaml', '');
	truncateSync(join(folder, 'large.yaml'), 5 * 1024 ** 2);
	write('backout.yaml', 'targets: { a: { host: h, directory: /d, runbook: ./mine.yaml } }\n');
	const said = (extended: string) => {
		write('mine.yaml', `extends: ${extended}\n`);
		return failure(() => openConfig({ cwd: folder, env: { HOME: folder } })).message;
	};
	// Neither of the first two would ever be read to its end.
	expect(said('./pipe.yaml')).toContain(
		'mine.yaml:1:10: cannot read the runbook "./pipe.yaml": it is a pipe, a socket',
	);
	expect(said('/dev/zero')).toContain('it is a pipe, a socket or a device, not a file: /dev/zero');
	expect(said('./large.yaml')).toContain('it has more than 4 MiB');
});

test('check tells a config from a runbook and counts what is in it', () => {
	const env = { HOME: folder };
	write('r.yaml', 'title: R\nprocedures: { p: { title: P, risk: read-only } }');
	write('c.yaml', 'targets: { a: { host: h, directory: /d, runbook: r.yaml } }');
	expect(checkFile('r.yaml', { cwd: folder, env })).toEqual({
		file: 'r.yaml',
		kind: 'runbook',
		summary: 'R, 1 procedure, 0 checks',
		runbooks: [{ title: 'R', procedures: 1, checks: 0 }],
	});
	expect(checkFile('c.yaml', { cwd: folder, env })).toEqual({
		file: 'c.yaml',
		kind: 'config',
		summary: '1 target: a (R, 1 procedure, 0 checks)',
		runbooks: [{ target: 'a', title: 'R', procedures: 1, checks: 0 }],
	});
	write('bad.yaml', 'targets: { a: { host: h, directory: /d, runbook: r.yaml, colour: red } }');
	expect(failure(() => checkFile('bad.yaml', { cwd: folder, env })).message).toMatch(
		/^bad\.yaml:1:58: unknown key "colour"/,
	);
});

test.each([
	['nothing', ''],
	['a list', '- targets'],
	['another mapping', 'services: { web: { image: x } }'],
])('check says of %s that it is neither a config nor a runbook', (_, text) => {
	write('x.yaml', text);
	const error = failure(() => checkFile('x.yaml', { cwd: folder, env: { HOME: folder } }));
	expect(error.message).toBe('x.yaml is neither a config nor a runbook');
	expect(error).toMatchObject({ code: 'config', next: expect.stringContaining('`targets:`') });
});

test.each(builtInNames())('the built-in runbook %s has no mistake', (name) => {
	expect(checkFile(join('runbooks', `${name}.yaml`), { cwd: root, env: {} }).runbooks[0]?.procedures).toBeGreaterThan(
		0,
	);
});

test('the example of a config has no mistake', () => {
	const { targets, defaultTarget } = openConfig({
		config: join(root, 'docs', 'examples', 'backout.yaml'),
		cwd: root,
		env: { HOME: '/home/me' },
	});
	expect(defaultTarget).toBe('production');
	expect(targets.map(({ name, runbook }) => [name, runbook.title])).toEqual([
		['production', 'AbstractFinance'],
		['staging', 'AbstractFinance'],
		['reports', 'Docker Compose'],
	]);
	expect(targets[0]?.runbook.variables.health_port).toBe('8081');
});

test('the built-in runbooks are found from the sources and from the bundle', () => {
	const expected = join(root, 'runbooks');
	expect(builtInFolder(join(root, 'src', 'services', 'files'))).toBe(expected);
	expect(builtInFolder(join(root, 'dist'))).toBe(expected);
});
