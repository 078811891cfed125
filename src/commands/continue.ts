import { completeManualStep } from '../application/runs/complete-manual-step.ts';
import { findRun } from '../application/runs/journal.ts';
import { ownCommand } from '../runbook/own-command.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { masked, print, printJson, safe } from './print.ts';

export interface ContinueOptions {
	readonly giveUp?: boolean;
	readonly reason?: string;
	readonly json?: boolean;
}

/** `backout continue`: answers a run that waits for the operator: done, or given up. */
export const continueRun = (globals: GlobalOptions, id: string, options: ContinueOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const { id: run } = await findRun(session, id, signal);
		const answer = options.giveUp === true ? 'gave-up' : 'done';
		const waited = await completeManualStep(session, run, { answer, reason: options.reason ?? '' }, signal);
		if (options.json === true) {
			printJson(masked({ type: 'answered', run, step: waited.step, answer }));
		} else {
			const shows = `\`${ownCommand(['attach', run])}\` shows it`;
			print(
				answer === 'done'
					? `“${safe(waited.title)}” is done, run ${run} continues; ${shows}`
					: `“${safe(waited.title)}” was given up, run ${run} stops; ${shows}`,
			);
		}
		return 0;
	});
