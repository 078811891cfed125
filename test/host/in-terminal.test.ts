import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

// Next to the sources, so that it finds node_modules.
const root = join(import.meta.dirname, '..', '..');
let folder = '';
let program = '';
let sshd: Sshd | undefined;

beforeAll(async () => {
	folder = await mkdtemp(join(root, 'node_modules', '.fixture-'));
	program = join(folder, 'in-terminal.mjs');
	await build({
		entryPoints: [join(import.meta.dirname, 'fixture', 'in-terminal.tsx')],
		outfile: program,
		bundle: true,
		packages: 'external',
		format: 'esm',
		platform: 'node',
		jsx: 'automatic',
		loader: { '.sh': 'text' },
	});
	sshd = sshdMissing() === undefined ? await startSshd() : undefined;
});
afterAll(async () => {
	await sshd?.stop();
	await rm(folder, { recursive: true, force: true });
});

/** On this machine in `script`, which has the terminal to itself and gives it a terminal below, as an engine does for a container. */
const shell = 'exec env PS1="in the shell\\$ " sh';

const hosts = ['local', 'ssh2', 'openssh'] as const;

/** What every Host does with a terminal, seen by a person who uses it. */
describe.each(hosts)('a shell in the terminal of a full-screen program, on a host that is reached by %s', (way) => {
	const open = async (): Promise<Pty> => {
		const env =
			way === 'local'
				? { COMMAND: `exec script -qec '${shell}' /dev/null` }
				: {
						COMMAND: shell,
						HOST: sshd?.destination ?? '',
						SSH_HOME: sshd?.home ?? '',
						SSH_KEY: sshd?.identity ?? '',
						SSH_TRANSPORT: way,
					};
		const pty = startInPty(process.execPath, [program], { columns: 80, rows: 24, env });
		await pty.waitFor('heading 80x24');
		await pty.waitFor(() => pty.modes().bracketedPaste);
		return pty;
	};
	const enter = async (pty: Pty) => {
		pty.press('s');
		await pty.waitFor('in the shell$');
		await pty.waitFor(() => {
			const { alternateScreen, cursorHidden, bracketedPaste } = pty.modes();
			return !alternateScreen && !cursorHidden && !bracketedPaste;
		});
	};
	/** Types a line at the prompt: what is typed before that may be dropped with Ctrl-C. */
	const type = async (pty: Pty, line: string) => {
		await pty.waitFor((rows) => rows.findLast((row) => row !== '')?.trim() === 'in the shell$');
		pty.send(`${line}\r`);
	};
	const isBack = async (pty: Pty, heading: RegExp) => {
		await pty.waitFor(heading);
		expect(pty.modes()).toMatchObject({ alternateScreen: true, mouse: false, bracketedPaste: true });
	};

	it.skipIf(way !== 'local' && sshdMissing() !== undefined)(
		'it has the terminal to itself, and gives it back however it ends',
		async () => {
			const pty = await open();
			await enter(pty);
			await type(pty, 'stty size; printf "%s\\n" "$TERM"');
			await pty.waitFor(/24 80\s+xterm-256color/);
			// Keys are the shell's: Ctrl-C ends what it runs, and not the program.
			await type(pty, 'cat');
			pty.send('h\u00e9llo\r');
			await pty.waitFor((rows) => rows.filter((row) => row.startsWith('h\u00e9llo')).length === 2);
			pty.send('\u0003');
			await type(pty, 'echo "cat ended with $?"');
			await pty.waitFor('cat ended with 130');
			pty.resize(100, 30);
			// The new size goes through every terminal on the way, which takes a moment.
			await type(pty, "until stty size | grep -q '^30 1'; do sleep 0.1; done; stty size");
			await pty.waitFor('30 100');
			// It leaves all that a program can leave, and a code.
			await type(pty, "printf '\\033[?1049h\\033[?1000h\\033[?1h\\033[2;5r\\033[31m'; exit 7");
			await isBack(pty, /heading 100x30 ended 7 typed \./);
			pty.press('x');
			await pty.waitFor('typed x.');
			// Once more, and what it runs in is killed: over SSH the server's process, and the link with it.
			await enter(pty);
			await type(pty, 'kill -9 $PPID');
			await isBack(pty, way === 'local' ? /ended SIGKILL/ : /ended lost/);
			pty.press('x');
			await pty.waitFor('typed xx.');
			pty.press('q');
			await pty.exited;
			expect(pty.modes()).toMatchObject({ alternateScreen: false, cursorHidden: false, mouse: false });
			await pty.close();
		},
	);
});
