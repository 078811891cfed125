import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

let place: LocalPlace;
beforeAll(() => {
	place = createLocalPlace();
});
afterAll(() => place.remove());

/** Runs a pipeline of bash in which $BACKOUT is the program; gives the exit code of its first command, and standard error. */
const first = (pipeline: string): Promise<readonly [code: string, stderr: string]> =>
	new Promise((resolve) => {
		const script = `${pipeline}\necho "\${PIPESTATUS[0]}" >&3`;
		const child = execFile(
			'bash',
			['-c', `exec 3>&1; ${script}`],
			{
				cwd: place.folder,
				env: { ...process.env, BACKOUT: `${process.execPath} ${program}`, XDG_STATE_HOME: place.home },
			},
			(_, stdout, stderr) => resolve([stdout.trim().split('\n').at(-1) ?? '', stderr]),
		);
		child.stdin?.end();
	});

test('a run whose reader has gone goes on to its end, and its exit code is the truth', async () => {
	// Its second step fails.
	const [failed, said] = await first('$BACKOUT run change --input api_token=fails-here --yes | head -n 1 >/dev/null');
	expect([failed, said]).toEqual(['1', '']);
	expect(existsSync(join(place.directory, 'changed'))).toBe(true);
	expect(await first('$BACKOUT run change --input api_token=fine --yes | true')).toEqual(['0', '']);
});

test('a full disk changes no exit code, and is said', async () => {
	const [code, said] = await first('$BACKOUT run change --input api_token=fails-here --yes >/dev/full');
	expect(code).toBe('1');
	expect(said).toBe('backout: the output cannot be written: ENOSPC\n');
	expect((await first('$BACKOUT check >/dev/full'))[0]).toBe('0');
	// Nothing at all can be printed.
	expect((await first('$BACKOUT run nothing-of-that-name --yes >/dev/full 2>/dev/full'))[0]).toBe('2');
});

test('what shows something again and again ends with its reader', async () => {
	const [code] = await first('$BACKOUT status --watch --json | head -n 1 >/dev/null');
	// Docker is not there: not all is well.
	expect(code).toBe('1');
});
