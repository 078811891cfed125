import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let clone: string;

beforeEach(() => {
	clone = mkdtempSync(join(tmpdir(), 'backout-clone-'));
	copyFileSync(join(root, 'package-lock.json'), join(clone, 'package-lock.json'));
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	// Whatever Node runs npm here, it is too old for this project, as Node 20 is for the real one.
	writeFileSync(join(clone, 'package.json'), JSON.stringify({ ...manifest, engines: { node: '>=99' } }));
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

/** Returns what `npm ci` says before it downloads anything. */
const npmCi = async (): Promise<string> => {
	// npm tells its scripts its own settings, and `npm test` is one of them.
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name)));
	const { stdout, stderr } = await promisify(execFile)('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts'], {
		cwd: clone,
		env: { ...env, npm_config_cache: join(clone, 'cache') },
	});
	return stdout + stderr;
};

test('npm ci does not warn that Node is too old: the project brings its own', async () => {
	// Without the project's settings npm fills a screen with warnings.
	expect(await npmCi()).toContain('EBADENGINE');
	copyFileSync(join(root, '.npmrc'), join(clone, '.npmrc'));
	expect(await npmCi()).not.toMatch(/warn/i);
});
