import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';

describe('the terminal is whole again', () => {
	let folder: string;
	let pty: Pty;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'backout-'));
		// Nothing listens on port 1: the dashboard opens all the same, and says that the host does not respond.
		writeFileSync(
			join(folder, 'backout.yaml'),
			`targets:\n  production:\n    host: root@127.0.0.1:1\n    directory: /srv/app\n    knownHosts: ${folder}/known_hosts\n`,
		);
	});
	afterEach(async () => {
		await pty.close();
		rmSync(folder, { recursive: true, force: true });
	});

	/** Opens the dashboard below a shell that says how it ended, as a person would. */
	const open = async (env: Record<string, string> = {}) => {
		pty = startInPty(
			'sh',
			['-c', `"$0" "$1"; echo "ended $?"; stty -a | grep -o -e '-*icanon' -e '-*echo '`, process.execPath, program],
			{
				cwd: folder,
				env: { ...env, SHELL: '/bin/sh' },
			},
		);
		await pty.waitFor('production');
		// From here on keys go to the program, not to the line discipline.
		await pty.waitFor(() => pty.modes().bracketedPaste);
		pty.press('M');
		await pty.waitFor(() => pty.modes().mouse);
	};
	const expectWhole = async (code: number) => {
		await pty.waitFor(`ended ${code}`);
		await pty.exited;
		expect(pty.modes()).toMatchObject(shellModes);
		const said = pty.screen().join('\n');
		expect(said).toMatch(/^icanon$/m);
		expect(said).toMatch(/^echo/m);
	};
	/** The program's own process: the shell's only child. */
	const child = async () => {
		const { readFileSync } = await import('node:fs');
		return Number(readFileSync(`/proc/${pty.pid}/task/${pty.pid}/children`, 'utf8').trim().split(' ')[0]);
	};

	test('after q', async () => {
		await open();
		pty.press('q');
		await expectWhole(0);
	});

	test('after Ctrl-C and its choice', async () => {
		await open();
		pty.press('ctrl-c');
		await pty.waitFor('Leave?');
		// The safe choice is selected: Enter stays.
		await pressUntil(pty, 'enter', (screen) => !screen.join('\n').includes('Leave?'), 60_000, 3000);
		pty.press('ctrl-c');
		await pty.waitFor('Leave?');
		await pressUntil(pty, 'q', 'ended 0');
		await expectWhole(0);
	});

	test.skipIf(process.platform !== 'linux')('after SIGTERM', async () => {
		await open();
		process.kill(await child(), 'SIGTERM');
		await expectWhole(143);
	});

	test.skipIf(process.platform !== 'linux')('after SIGHUP', async () => {
		await open();
		process.kill(await child(), 'SIGHUP');
		await expectWhole(129);
	});

	test('after a crash, and the crash is told', async () => {
		// No quotes and no blanks: NODE_OPTIONS takes them out.
		await open({
			NODE_OPTIONS:
				'--import=data:text/javascript,process.once(/SIGUSR2/.source,()=>{throw(new(Error)(/the_ship_sinks/.source))})',
		});
		process.kill(await child(), 'SIGUSR2');
		await expectWhole(1);
		expect(pty.screen().join('\n')).toContain('the_ship_sinks');
	});

	test('an unreachable host is said on the screen, and the program goes on trying', async () => {
		await open();
		await pty.waitFor(/not connected, trying again.*port 1.*refused/s);
		pty.press('q');
		await expectWhole(0);
	});
});

test('Ctrl-Z gives the shell back, and fg the dashboard', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-'));
	writeFileSync(
		join(folder, 'backout.yaml'),
		'targets:\n  production:\n    host: root@127.0.0.1:1\n    directory: /srv/app\n',
	);
	const pty = startInPty('bash', ['--norc', '--noprofile', '-i'], { cwd: folder, env: { PS1: 'prompt> ' } });
	await pty.waitFor('prompt>');
	pty.send(`"${process.execPath}" "${program}"\r`);
	await pty.waitFor(() => pty.modes().alternateScreen);
	await pty.waitFor('Procedures');
	await pty.waitFor(() => pty.modes().bracketedPaste);
	pty.press('M');
	await pty.waitFor(() => pty.modes().mouse);
	pty.press('ctrl-z');
	await pty.waitFor(/Stopped/);
	expect(pty.modes()).toMatchObject({ alternateScreen: false, cursorHidden: false, mouse: false });
	pty.send('echo the shell "answers"\r');
	await pty.waitFor('the shell answers');
	pty.send('fg\r');
	await pty.waitFor(() => pty.modes().alternateScreen);
	await pty.waitFor('Procedures');
	await pty.waitFor(() => pty.modes().mouse);
	pty.press('q');
	await pty.waitFor(() => !pty.modes().alternateScreen);
	expect(pty.modes().mouse).toBe(false);
	// Until the shell prompts again, the program that is ending still reads what is typed.
	await pty.waitFor((screen) => screen[pty.cursor.row]?.trim() === 'prompt>');
	pty.send('exit\r');
	await pty.exited;
	await pty.close();
	rmSync(folder, { recursive: true, force: true });
});

test('without a terminal the dashboard says what to use instead', async () => {
	const { spawnSync } = await import('node:child_process');
	const folder = mkdtempSync(join(tmpdir(), 'backout-'));
	writeFileSync(join(folder, 'backout.yaml'), 'targets:\n  production:\n    host: local\n    directory: /srv/app\n');
	const { status, stderr } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
	expect(status).toBe(2);
	expect(stderr).toMatch(/`.*backout\.js status` prints the same once/);
	rmSync(folder, { recursive: true, force: true });
});
