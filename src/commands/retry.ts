import { findRun } from '../application/runs/journal.ts';
import { retryPlan } from '../application/runs/retry.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { runPlan, type StartOptions } from './run.ts';

export interface RetryOptions extends StartOptions {
	/** Number or id of the step. */
	readonly fromStep?: string;
	/** Blocked versions that are accepted, `version:blocked:RUN`. */
	readonly allow?: readonly string[];
}

/** `backout retry`: plans a failed run again from the step that failed, and runs it like any procedure. */
export const retry = (globals: GlobalOptions, id: string, options: RetryOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findRun(session, id, signal);
		const from = options.fromStep === undefined ? {} : { from: options.fromStep };
		const plan = await retryPlan(session, run.id, { ...from, allowed: options.allow ?? [], signal });
		return runPlan(session, plan, options, signal);
	});
