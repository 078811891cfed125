import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { startInPty } from '../helpers/pty.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

const runbook = `title: Local
procedures:
  move:
    title: Move it
    risk: disruptive
    verify: []
    steps:
      - { id: prepare, title: Prepare, run: 'echo x >>prepared' }
      - { id: plug, title: Pull the plug, manual: 'Pull the plug, then say so.', timeout: 1h }
      - { id: move, title: Move, run: 'echo "with $(cat prepared)"; echo A=2 >.env; test -e fixed || { echo "not fixed"; exit 3; }' }
`;

let place: LocalPlace;
beforeEach(() => {
	place = createLocalPlace();
	place.write('local.yaml', runbook);
	writeFileSync(join(place.directory, '.env'), 'A=1\nDB_PASSWORD=s3cret-Value\n');
});
afterEach(() => place.remove());

test('detached, answered, failed, run again, undone: all by commands', { tags: 'long', timeout: 300_000 }, async () => {
	const detached = await place.run(['run', 'move', '--yes', '--detach', '--reason', 'it is old']);
	expect(detached.code).toBe(0);
	const id = /^(\S+) runs on the host; `\S+ \S+backout\.js attach \S+` shows it/m.exec(detached.stdout)?.[1] ?? '';
	expect(id).toMatch(/^\d/);

	const attached = place.run(['attach', id]);
	// Not before the run stands at the step: until then it is refused, and nothing is changed.
	let answered = await place.run(['continue', id, '--reason', 'the red one']);
	for (let tries = 0; answered.code === 4 && tries < 300; tries++) {
		expect(answered.stderr).toContain('does not wait for an answer now');
		answered = await place.run(['continue', id, '--reason', 'the red one']);
	}
	expect(answered).toMatchObject({
		code: 0,
		stdout: expect.stringContaining('“Pull the plug” is done, run '),
	});

	const failed = await attached;
	expect(failed.code).toBe(1);
	expect(failed.stdout).toContain('Pull the plug, then say so.');
	expect(failed.stdout).toMatch(/done, says \S+: the red one/);
	expect(failed.stdout).toContain('with x\n  not fixed\n');
	const stopped = /from step (\d+)/.exec(failed.stdout)?.[1];
	expect(failed.stdout).toContain(`backout.js retry ${id}   plans a retry from step ${stopped}`);
	expect(failed.stdout).toContain(`backout.js undo ${id}`);

	// It does nothing by itself: it needs its own confirmation.
	expect((await place.run(['retry', id])).code).toBe(4);
	writeFileSync(join(place.directory, 'fixed'), '');
	const again = await place.run(['retry', id, '--yes', '--reason', 'fixed it']);
	expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('with x\n') });
	expect(again.stdout).not.toContain('Pull the plug');
	expect(readFileSync(join(place.directory, 'prepared'), 'utf8')).toBe('x\n');

	const undone = await place.run(['undo', 'last', '--yes', '--json']);
	expect(undone.code).toBe(0);
	expect(readFileSync(join(place.directory, '.env'), 'utf8')).toBe('A=1\nDB_PASSWORD=s3cret-Value\n');
	expect(undone.stdout).not.toContain('s3cret-Value');
});

test('given up, a run stops there, and who said so is kept with it', { timeout: 240_000 }, async () => {
	const detached = await place.run(['run', 'move', '--yes', '--detach', '--json']);
	const events = (text: string) =>
		text
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
	const id: string = events(detached.stdout).find(({ type }) => type === 'detached').run;
	let answered = await place.run(['continue', id, '--give-up', '--json']);
	for (let tries = 0; answered.code === 4 && tries < 60; tries++) {
		answered = await place.run(['continue', id, '--give-up', '--json']);
	}
	expect(events(answered.stdout)).toEqual([{ type: 'answered', run: id, step: 'plug', answer: 'gave-up' }]);
	const attached = await place.run(['attach', id, '--json']);
	expect(attached.code).toBe(1);
	const given = events(attached.stdout).find(({ type, answer }) => type === 'step' && answer !== undefined);
	expect(given).toMatchObject({ id: 'plug', state: 'failed', answer: { answer: 'gave-up', reason: '' } });
});

test('what is confirmed already does not wait for what helps to decide', { timeout: 120_000 }, async () => {
	place.write(
		'local.yaml',
		`title: Local
procedures:
  stop:
    title: Stop it
    risk: disruptive
    restorePoint: false
    verify: []
    previews: [{ title: Open orders, run: 'echo asked >>asked' }]
    steps: [{ id: stop, title: Stop, run: 'echo stopped' }]
`,
	);
	const asked = join(place.directory, 'asked');
	expect(await place.run(['run', 'stop', '--yes'])).toMatchObject({ code: 0 });
	expect(existsSync(asked)).toBe(false);
	expect((await place.run(['plan', 'stop'])).stdout).toContain('Open orders');
	expect(existsSync(asked)).toBe(true);
});

test('who stops following a run is told which one it is, and how to follow or stop it', {
	timeout: 240_000,
}, async () => {
	const config = join(place.folder, 'backout.yaml');
	const child = spawn(process.execPath, [program, '--config', config, 'run', 'move', '--yes', '--reason', 'old'], {
		cwd: place.home.replace(/home$/, ''),
		env: { ...process.env, XDG_STATE_HOME: place.home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	const waits = new Promise<void>((resolve) => {
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
			if (stdout.includes('waiting for you')) {
				resolve();
			}
		});
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	await waits;
	child.kill('SIGINT');
	expect(await ended).toBe(130);
	const id = /stopped following: run (\S+) keeps running on the host/.exec(stderr)?.[1] ?? '';
	const [, cancel = ''] = /to stop it on the host: `(.*)`/.exec(stderr) ?? [];
	expect(stderr).toContain(`backout.js --config ${config} attach ${id}`);
	// The command as it is shown, from any folder.
	const { status, stdout: said } = spawnSync('sh', ['-c', cancel], {
		cwd: '/',
		encoding: 'utf8',
		env: { ...process.env, XDG_STATE_HOME: place.home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
	});
	expect(status, said).toBe(0);
	expect((await place.run(['runs'])).stdout).toMatch(/cancelled/);
});

test('the shell says after the screen which file was written', { timeout: 120_000 }, async () => {
	expect(await place.run(['run', 'move', '--yes', '--detach'])).toMatchObject({ code: 0 });
	const pty = startInPty(process.execPath, [program], {
		cwd: place.folder,
		env: { XDG_STATE_HOME: place.home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
	});
	await pty.waitFor('7 Procedures');
	pty.press('r');
	await pty.waitFor(/1 in the journal/);
	await pty.waitFor('p report to a file');
	pty.press('p');
	await pty.waitFor('Wrote the report');
	pty.press('esc', 'q');
	await pty.exited;
	const [, file = ''] = /Wrote (\/\S+\.md)/.exec(pty.raw) ?? [];
	expect(readFileSync(file, 'utf8')).toContain('Move it');
	await pty.close();
	await place.run(['cancel', 'last']);
});
