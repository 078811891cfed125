import { expect } from 'vitest';
import type { Workplace } from '../e2e/backout.ts';
import { pressUntil } from '../helpers/press-until.ts';
import { childrenOf } from '../helpers/proc.ts';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';
import { alive } from '../runner/fixture.ts';
import { eventually, patience } from './patience.ts';

/** An operator's view of one program, and actions on it. */
export interface Screen {
	readonly pty: Pty;
	/** Process id of the program itself. */
	readonly pid: number;
	/** Resolves when all of these are on the screen, each at some time. */
	sees(...what: readonly (string | RegExp)[]): Promise<void>;
	/** Goes from the dashboard to the question. */
	openConfirmation(): Promise<void>;
	/** Goes from the question to the first step; returns the run's id. */
	confirm(): Promise<string>;
	/** Leaves by keys, from wherever it is, and expects the terminal to be whole. */
	quit(): Promise<void>;
	/** Expects that the program has ended with this code, and the terminal to be whole. */
	expectWhole(code: number): Promise<void>;
	/** Expects that the program's process is gone. */
	expectEnded(): Promise<void>;
}

const shell = `"$0" "$@"
echo "ended $?"
stty -a | tr ' ;' '\\n\\n' | grep -x -e '-*icanon' -e '-*echo' -e '-*isig' | tr '\\n' ' '
echo whole`;

const allIsWell = ['link up', '1 ok', 'the check passes'];

/** Opens the dashboard of a stage, and resolves when it shows all of this. */
export const openScreen = async (
	stage: { readonly place: Workplace; runs(): readonly string[] },
	shows: readonly (string | RegExp)[] = allIsWell,
): Promise<Screen> => {
	const pty = startInPty('sh', ['-c', shell, process.execPath, program, '--target', 'lab'], {
		columns: 120,
		rows: 40,
		cwd: stage.place.folder,
	});
	const sees = async (...what: readonly (string | RegExp)[]) => {
		for (const wanted of what) {
			await pty.waitFor(wanted, patience);
		}
	};
	await sees(...shows);
	await pty.waitFor(() => pty.modes().bracketedPaste, patience);
	const [pid] = childrenOf(pty.pid);
	if (pid === undefined) {
		throw new Error('the shell has started nothing');
	}
	const expectWhole = async (code: number) => {
		await sees(`ended ${code}`, /whole$/m);
		await pty.exited;
		expect(pty.modes()).toEqual(shellModes);
		// A key that came too late for the program is echoed.
		expect(pty.screen().join('\n')).toMatch(/^[^-\n]*isig icanon echo whole$/m);
	};
	return {
		pty,
		pid,
		sees,
		expectWhole,
		expectEnded: () => eventually(`process ${pid} is gone`, () => !alive(pid)),
		openConfirmation: async () => {
			pty.press('enter');
			await sees('Nothing has changed yet');
			pty.press('enter');
			await sees('Start it now?');
		},
		confirm: async () => {
			const before = stage.runs();
			await pressUntil(pty, 'y', /Starting|step \d of \d/, patience);
			// Not a line of the plan: the step itself speaks.
			await sees(/step \d of \d/, /^ *one: \d+$/m);
			const id = stage.runs().find((run) => !before.includes(run));
			if (id === undefined) {
				throw new Error('the screen shows a run, but there is none on the host');
			}
			return id;
		},
		quit: async () => {
			await pressUntil(pty, 'ctrl-c', 'Leave?', patience);
			// Once: the shell would echo another.
			await pressUntil(pty, 'q', 'ended 0', patience, 10_000);
			await expectWhole(0);
		},
	};
};
