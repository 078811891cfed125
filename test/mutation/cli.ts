import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../soak/random.ts';
import { mutantsOf } from './mutants.ts';

// npm run mutation -- [--sample N --seed S] FILE... -- COMMAND...: puts something else in one place of a file, and runs the command, which
// has to fail. It works on a copy. Prints what survives, and the score. Exit code 1 when the command fails by itself.

const words = process.argv.slice(2);
const cut = words.indexOf('--');
const { values, positionals } = parseArgs({
	args: words.slice(0, cut),
	allowPositionals: true,
	options: {
		sample: { type: 'string' },
		seed: { type: 'string', default: '1' },
		seconds: { type: 'string', default: '300' },
	},
});
const [command = '', ...rest] = words.slice(cut + 1);
const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'backout-mutation-'));

/** True when the tests pass. */
const passes = (): boolean =>
	spawnSync(command, rest, {
		cwd: copy,
		stdio: 'ignore',
		timeout: Number(values.seconds) * 1000,
		killSignal: 'SIGKILL',
	}).status === 0;

try {
	for (const name of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'runbooks']) {
		cpSync(join(root, name), join(copy, name), { recursive: true });
	}
	symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
	if (!passes()) throw new Error('the command fails by itself');
	const all = positionals.flatMap((file) =>
		mutantsOf(file, readFileSync(join(root, file), 'utf8')).map((mutant) => ({ ...mutant, file })),
	);
	const random = createRandom(Number(values.seed));
	const order = all.map((mutant) => ({ mutant, at: random.next() })).toSorted((one, other) => one.at - other.at);
	const chosen = order.slice(0, Number(values.sample ?? all.length)).map(({ mutant }) => mutant);
	let killed = 0;
	for (const { file, line, before, after, text } of chosen) {
		writeFileSync(join(copy, file), text);
		if (passes()) console.log(`${file}:${line} survives\n  - ${before}\n  + ${after}`);
		else killed++;
		writeFileSync(join(copy, file), readFileSync(join(root, file)));
	}
	console.log(`${killed} of ${chosen.length} mutants are killed; there are ${all.length}`);
} finally {
	rmSync(copy, { recursive: true, force: true });
}
