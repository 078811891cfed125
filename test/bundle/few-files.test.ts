import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../helpers/program.ts';

const dist = join(dirname(program), '..', 'dist');
const textOf = (file: string): string => readFileSync(join(dist, file), 'utf8');

/** Adds a file of the bundle, and those that are loaded with it. */
const load = (file: string, loaded = new Set<string>()): Set<string> => {
	if (!loaded.has(file)) {
		loaded.add(file);
		for (const [, imported = ''] of textOf(file).matchAll(/^(?:\} from|import|import .* from) "\.\/([^"]+)";$/gm)) {
			load(imported, loaded);
		}
	}
	return loaded;
};

/** The file of a module that is loaded later, as the program's own files name it. */
const later = (name: string): string => {
	const found = [...load('cli.js')]
		.map((file) => new RegExp(`import\\("\\./(${name}-\\w+\\.js)"\\)`).exec(textOf(file))?.[1])
		.find((file) => file !== undefined);
	return found ?? `no ${name} among ${readdirSync(dist)}`;
};

// Each file costs a start a millisecond: see docs/performance.md.
test.each(['main', 'host-commands', 'setup-commands'])('a start with %s reads a few files', (name) => {
	const loaded = load(later(name), load('cli.js'));
	expect(loaded.size).toBeGreaterThan(3);
	expect(loaded.size).toBeLessThanOrEqual(12);
});

test('a start without a command reads no dashboard and no command', () => {
	const bytes = [...load('cli.js')].reduce((sum, file) => sum + textOf(file).length, 0);
	expect(bytes).toBeLessThan(300_000);
});
