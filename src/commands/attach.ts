import { findRun } from '../application/runs/journal.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { printRun } from './follow-run.ts';
import { printTarget } from './print-target.ts';

/** `backout attach`: prints a run's output from its first byte, then live; verifies the run unless that was done. */
export const attach = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	withSession(
		globals,
		async (session, signal) => {
			const run = await findRun(session, id, signal);
			if (options.json !== true) {
				printTarget(session);
			}
			return printRun(session, run.id, { json: options.json === true, signal });
		},
		{ mayGuess: true },
	);
