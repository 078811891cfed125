import { undoPlan } from '../application/restore/undo.ts';
import { findRun } from '../application/runs/journal.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { runPlan, type StartOptions } from './run.ts';

export interface UndoOptions extends StartOptions {
	/** Blocked versions that are accepted, `version:blocked:RUN`. */
	readonly allow?: readonly string[];
}

/** `backout undo`: plans the undo of a run and runs it like any procedure. */
export const undo = (globals: GlobalOptions, id: string, options: UndoOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findRun(session, id, signal);
		return runPlan(session, await undoPlan(session, run.id, signal, options.allow), options, signal);
	});
