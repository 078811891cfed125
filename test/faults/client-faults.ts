import type { Situation } from './fault.ts';
import type { Screen } from './stage-screen.ts';

/** A way for the program to end that is not the operator's choice. */
export interface Ending {
	readonly name: string;
	readonly end: (screen: Screen) => void;
	/** Expects the program to be gone and the terminal as it should be. */
	readonly expectGone: (screen: Screen) => Promise<void>;
	readonly says: Readonly<Record<Situation, string>>;
}

const goesOn =
	'the run finishes on the host: *steps done, not verified*; `backout attach` shows all of it and verifies it';
const nothing = 'nothing was started';

/** Endings of the client. */
export const endings: readonly Ending[] = [
	{
		name: 'client killed (KILL)',
		end: ({ pid }) => process.kill(pid, 'SIGKILL'),
		// Nothing is left that could restore the terminal.
		expectGone: async (screen) => screen.sees('ended 137', /whole$/m),
		says: {
			idle: 'the terminal is not restored: type `reset`',
			confirming: `the same; ${nothing}`,
			running: `the same; ${goesOn}`,
		},
	},
	{
		name: 'SIGHUP',
		end: ({ pid }) => process.kill(pid, 'SIGHUP'),
		expectGone: (screen) => screen.expectWhole(129),
		says: {
			idle: 'back to the shell, exit code 129',
			confirming: `the same; ${nothing}`,
			running: `the same; ${goesOn}`,
		},
	},
	{
		name: 'SIGTERM',
		end: ({ pid }) => process.kill(pid, 'SIGTERM'),
		expectGone: (screen) => screen.expectWhole(143),
		says: {
			idle: 'back to the shell, exit code 143',
			confirming: `the same; ${nothing}`,
			running: `the same; ${goesOn}`,
		},
	},
	{
		name: 'terminal closed',
		end: ({ pty }) => pty.hangUp(),
		expectGone: (screen) => screen.expectEnded(),
		says: { idle: 'the program exits', confirming: `the same; ${nothing}`, running: `the same; ${goesOn}` },
	},
];
