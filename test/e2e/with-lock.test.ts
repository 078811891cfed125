import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

let place: LocalPlace;
beforeAll(() => {
	place = createLocalPlace();
	execFileSync('mkfifo', [join(place.folder, 'gate')]);
});
afterAll(() => place.remove());

/** Docker is not there, so nothing could be saved. */
const locked = (options: readonly string[], ...command: readonly string[]) =>
	place.run(['with-lock', '--no-restore-point', ...options, '--', ...command]);

/** A command that has the lock until the gate is opened. */
const holder = (...options: readonly string[]) =>
	locked(options, 'sh', '-c', `touch ${join(place.folder, 'holds')}; cat ${join(place.folder, 'gate')}`);
const untilHeld = () => expect.poll(() => existsSync(join(place.folder, 'holds')), { timeout: 60_000 }).toBe(true);
const openGate = () => {
	execFileSync('rm', [join(place.folder, 'holds')]);
	writeFileSync(join(place.folder, 'gate'), 'opened\n');
};

test('the words of the command arrive as they were, in the folder of the deployment, and end as it does', async () => {
	const words = ["it's", '$HOME', 'two  blanks', '*', '', '-x', 'a\nb'];
	const done = await locked(['--reason', 'release 7'], 'sh', '-c', 'pwd; printf "<%s>" "$@"; echo', 'sh', ...words);
	expect(done).toMatchObject({ code: 0 });
	expect(done.stdout).toContain(`${place.directory}\n`);
	// The output of a step is indented.
	expect(done.stdout.replace('\n  b>', '\nb>')).toContain(words.map((word) => `<${word}>`).join(''));
	const runs = await place.run(['runs', '--json']);
	const [run] = runs.stdout.split('\n').map((line) => JSON.parse(line || '{}'));
	expect(run).toMatchObject({ type: 'run', state: 'succeeded', reason: 'release 7', procedure: 'with-lock' });
	const failed = await locked(['--json'], 'sh', '-c', 'exit 7');
	expect(failed.code).toBe(1);
	expect(failed.stdout).toContain('"exitCode":7');
});

test('what finds the lock held is refused, or waits and says for whom', async () => {
	const first = holder('--reason', 'first');
	await untilHeld();
	const refused = await locked([], 'true');
	expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('reason: first') });
	const impatient = await locked(['--wait', '1s'], 'true');
	expect(impatient.code).toBe(4);
	expect(impatient.stderr).toMatch(/waiting for the lock, at most 1 ?s: with-lock by .*, run \S+, since .*\(first\)/);
	const second = locked(['--wait', '2m', '--json'], 'sh', '-c', 'echo after');
	const procedure = place.run(['run', 'change', '--input', 'api_token=fine', '--yes', '--wait', '2m']);
	openGate();
	expect((await first).code).toBe(0);
	const after = await second;
	expect(after.code).toBe(0);
	expect(after.stdout).toContain('after');
	expect(await procedure).toMatchObject({ code: 0 });
});

test('many at once take turns', { tags: 'long', timeout: 240_000 }, async () => {
	const log = join(place.folder, 'turns');
	const all = Array.from({ length: 4 }, (_, at) =>
		locked(['--wait', '3m'], 'sh', '-c', `echo begin ${at} >>${log}; sleep 0.2; echo end ${at} >>${log}`),
	);
	expect((await Promise.all(all)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
	const turns = readFileSync(log, 'utf8').trim().split('\n');
	expect(turns).toHaveLength(8);
	// Each ends before the next begins.
	for (let at = 0; at < turns.length; at += 2) {
		expect(turns[at + 1]).toBe(turns[at]?.replace('begin', 'end'));
	}
});

test('a command is needed, and a duration is one', async () => {
	expect((await place.run(['with-lock'])).code).toBe(2);
	expect(await locked(['--wait', 'soon'], 'true')).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('--wait: "soon" is not a duration'),
	});
});
