import type { Session } from '../application/fleet/session.ts';
import { undoPlan } from '../application/restore/undo.ts';
import { findRun } from '../application/runs/journal.ts';
import { listRunsEverywhere } from '../application/runs/runs-elsewhere.ts';
import { onlyWatched } from '../runbook/guard-run.ts';
import { readRun } from '../services/runner/runner.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { runPlan, type StartOptions } from './run.ts';

export interface UndoOptions extends StartOptions {
	/** Blocked versions that are accepted, `version:blocked:RUN`. */
	readonly allow?: readonly string[];
}

/** Finds the run to undo; `last` is not a guard that has only watched, as after a deployment: it has nothing to undo. */
const findToUndo = async (session: Session, text: string, signal: AbortSignal): Promise<string> => {
	// Rejects also for a `last` that lives on another host: its undo is there, and that of an older run here is not meant.
	const found = await findRun(session, text, signal);
	if (text !== 'last') {
		return found.id;
	}
	for (const { id, guard, node } of (await listRunsEverywhere(session, signal)).runs) {
		if (node !== undefined) {
			return (await findRun(session, id, signal)).id;
		}
		if (guard !== true || !onlyWatched(await readRun(session.host, session.target, id, signal))) {
			return id;
		}
	}
	return found.id;
};

/** `backout undo`: plans the undo of a run and runs it like any procedure. */
export const undo = (globals: GlobalOptions, id: string, options: UndoOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findToUndo(session, id, signal);
		return runPlan(session, await undoPlan(session, run, signal, options.allow), options, signal);
	});
