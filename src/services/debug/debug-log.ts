import type { Verification } from '../../runbook/check.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';

/** Writes lines to the file of `--debug-log` (open-debug-log.ts). */
export interface DebugWriter {
	/** Writes one line. All strings are masked; a field whose name says that it is a secret is masked whole. */
	write(event: string, fields: Readonly<Record<string, unknown>>): void;
	/** Masks these values from now on, everywhere. */
	addSecrets(values: readonly string[]): void;
}

/** The events that a bug report needs. */
export interface DebugLog extends DebugWriter {
	/** Writes the target and the monitors and checks of its runbook; scripts are left out. */
	config(file: string, target: Target): void;
	/** Writes the inputs, the state of the preconditions, and the steps without their scripts. */
	plan(plan: Plan): void;
	/** Returns a function that writes a run whenever the state of the run or of a step has changed. */
	runs(): (run: Run) => void;
	/** Returns a function that writes the checks whenever a state has changed. `of` names the observer: `watch`, `guard`, a run's id. */
	checks(of: string): (verification: Verification | undefined) => void;
	/** Writes an error with its stack and causes. `where` names what failed: a command, an action of the screen. */
	error(where: string, error: unknown): void;
	/** Returns the same functions, with their rejections written to the log. */
	failures<T extends object>(where: string, functions: T): T;
	/**
	 * Returns the same host, with each command, its duration and its result written to the log, and changes of the link. The input and
	 * output of a command are left out.
	 */
	host(host: Host): Host;
}

let current: DebugLog | undefined;

/**
 * Returns the debug log, or undefined when it is off, as it nearly always is: then `debugLog()?.plan(…)` evaluates none of its
 * arguments, and nothing of the log is loaded.
 */
export const debugLog = (): DebugLog | undefined => current;

/** Turns the log on, or off with undefined. */
export const setDebugLog = (log: DebugLog | undefined): void => {
	current = log;
};
