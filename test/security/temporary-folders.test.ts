import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import factsScript from '../../src/engines/compose/facts.sh';
import identityScript from '../../src/engines/compose/identity.sh';
import { type Shell, shellMissing, shellPath, shells } from '../runner/shells.ts';

const here = shells.filter((shell) => !shellMissing(shell));
let top: string;
let temporary: string;
let folder: string;
beforeEach(() => {
	top = mkdtempSync(join(tmpdir(), 'backout-temporary-'));
	[temporary, folder] = [join(top, 'tmp'), join(top, 'shop')];
	mkdirSync(temporary);
	mkdirSync(folder);
});
afterEach(() => rmSync(top, { recursive: true }));

/** Starts a script whose output nobody reads, and gives it a line on its standard input. */
const withoutReader = async (shell: Shell, script: string): Promise<void> => {
	const words = shell === 'busybox' ? ['sh'] : [];
	const child = spawn(shellPath(shell), [...words, '-c', `directory=$1\n${script}`, 'sh', folder], {
		env: { ...process.env, TMPDIR: temporary },
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	const ended = once(child, 'exit');
	child.stdout.destroy();
	child.stdin.end('go on\n');
	await ended;
};

describe('a temporary folder on the host', () => {
	/** Each waits for a line before it prints something. */
	const programs = {
		identity: `${identityScript}\nread_containers() { read -r _; return 1; }\nidentify`,
		'facts of a plan': `${factsScript}\nground() { :; }\ncontainers_of() { read -r _; return 1; }\nsection() { cat -- "$2"; echo; }\nprint_facts`,
	};
	const all = here.flatMap((shell) => Object.keys(programs).map((name) => ({ shell, name })));
	test.each(all)('is gone when nobody reads the answer any more ($name, $shell)', async ({ shell, name }) => {
		await withoutReader(shell, programs[name as keyof typeof programs]);
		expect(readdirSync(temporary)).toEqual([]);
	});

	test('is removed by every script of ours, also when it is told to end or nobody reads', () => {
		const lines = (text: string, part: RegExp) => text.match(new RegExp(part, 'g'))?.length ?? 0;
		const scripts = globSync(join(import.meta.dirname, '../../src/**/*.sh')).map((path) => ({
			path,
			text: readFileSync(path, 'utf8'),
		}));
		const making = scripts.filter(({ text }) => /=\$\(.*mktemp/.test(text));
		expect(making.length).toBeGreaterThan(5);
		for (const { path, text } of making) {
			const made = lines(text, /=\$\(.*mktemp/);
			expect([lines(text, /trap .* EXIT\n/), lines(text, /trap 'exit 143' HUP INT PIPE TERM\n/)], path).toEqual([
				made,
				made,
			]);
		}
	});
});

describe.skipIf(process.getuid?.() !== 0)('what root reads for a plan in the folder of another user', () => {
	test.each(here)('is for root alone; the owner reaches only the tree (%s)', async (shell) => {
		const [nobody, nogroup] = [65534, 65534];
		chownSync(folder, nobody, nogroup);
		chmodSync(top, 0o755);
		const seen = join(top, 'seen');
		await withoutReader(
			shell,
			`${factsScript}\nground() { stat -c '%a %u %g' -- "$passage" "$scratch" >'${seen}'; }\ncontainers_of() { return 1; }\nsection() { :; }\nprint_facts`,
		);
		expect(readFileSync(seen, 'utf8').trim().split('\n')).toEqual([`710 0 ${nogroup}`, '700 0 0']);
	});
});
