import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertMatched, editFile, type Patch, patch } from '../../scripts/bundle/patch.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-patch-'));
	mkdirSync(join(folder, 'node_modules', 'clock', 'lib'), { recursive: true });
	writeFileSync(join(folder, 'node_modules', 'clock', 'package.json'), '{"name":"clock","main":"lib/clock.js"}');
	writeFileSync(join(folder, 'node_modules', 'clock', 'lib', 'clock.js'), 'exports.now = () => "slow";\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const faster = (file = 'clock/lib/clock.js', expects = ['"slow"']): Patch =>
	patch('faster-clock', (parts) => {
		editFile(parts, { file, expects, edit: (text) => text.replace('slow', 'fast') });
	});

const bundle = async (one: Patch, source = "import { now } from 'clock'; console.log(now());"): Promise<string> => {
	const { outputFiles } = await build({
		stdin: { contents: source, resolveDir: folder },
		bundle: true,
		write: false,
		logLevel: 'silent',
		plugins: [one.plugin],
	});
	return outputFiles[0]?.text ?? '';
};

test('a patch that matches changes the package', async () => {
	const one = faster();
	expect(await bundle(one)).toContain('"fast"');
	expect(() => assertMatched([one])).not.toThrow();
});

test('a file that moved fails the build, and is named', async () => {
	const one = faster('clock/src/clock.js');
	expect(await bundle(one)).toContain('"slow"');
	expect(() => assertMatched([faster(), one])).toThrow('faster-clock: no file clock/src/clock.js was loaded');
});

test('a package that is not imported any more fails the build', async () => {
	const one = faster();
	await bundle(one, 'console.log(1)');
	expect(() => assertMatched([one])).toThrow('faster-clock');
});

test('a file that was rewritten fails the build, and what it lacks is named', async () => {
	await expect(bundle(faster(undefined, ['"sluggish"']))).rejects.toThrow(
		'clock/lib/clock.js does not contain "\\"sluggish\\""',
	);
});

test('a match in one of several builds is enough', async () => {
	const one = faster();
	await bundle(one);
	await bundle(one, 'console.log(1)');
	expect(() => assertMatched([one])).not.toThrow();
});
