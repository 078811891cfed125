import type { Verification } from '../../runbook/check.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';

/** Writes lines to the file of `--debug-log` (open-debug-log.ts). */
export interface DebugWriter {
	/** Writes one line. All strings are masked; a field whose name says that it is a secret is masked whole. */
	write(event: string, fields: Readonly<Record<string, unknown>>): void;
	/** Masks these values from now on, wherever they stand. */
	addSecrets(values: readonly string[]): void;
}

/** What tells the story of a bug report. */
export interface DebugLog extends DebugWriter {
	/** Writes the target and what of its runbook says how it is watched; scripts are left out. */
	config(file: string, target: Target): void;
	/** Writes what was chosen, whether the preconditions hold, and the steps without their scripts. */
	plan(plan: Plan): void;
	/** Gives a function that writes a run whenever the state of the run or of a step has changed. */
	runs(): (run: Run) => void;
	/** Gives a function that writes the checks whenever a state has changed. `of` names the observer: `watch`, `guard`, a run's id. */
	checks(of: string): (verification: Verification | undefined) => void;
	/** Writes an error with its stack and causes. `where` says what failed: a command, an action of the screen. */
	error(where: string, error: unknown): void;
	/** Gives the same functions; what their promises reject with is written. */
	failures<T extends object>(where: string, functions: T): T;
	/**
	 * Gives the same host; each command, how long it took and how it ended is written, and so are changes of the link. What a
	 * command was given and what it printed are not.
	 */
	host(host: Host): Host;
}

let current: DebugLog | undefined;

/**
 * The debug log, or undefined when it is off, as it nearly always is: `debugLog()?.plan(…)` then evaluates none of its arguments,
 * and nothing of the log is loaded.
 */
export const debugLog = (): DebugLog | undefined => current;

/** Turns the log on, or off by undefined. */
export const setDebugLog = (log: DebugLog | undefined): void => {
	current = log;
};
