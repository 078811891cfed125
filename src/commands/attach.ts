import type { Session } from '../application/fleet/session.ts';
import { findRun } from '../application/runs/journal.ts';
import { isInterrupted } from '../runbook/guard-run.ts';
import { confirmationFor } from '../runbook/risk.ts';
import { readRun } from '../services/runner/runner.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { printRun } from './follow-run.ts';
import { resumeGuard } from './guard-on-host.ts';
import { safe } from './print.ts';
import { printTarget } from './print-target.ts';

/** Asks on a terminal whether to go on with a guard that was interrupted; undefined: it was not, or nobody wants to. */
const goOn = async (session: Session, id: string, json: boolean, signal: AbortSignal): Promise<number | undefined> => {
	const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true && !json && !session.readOnly;
	const run = mayAsk ? await readRun(session.host, session.target, id, signal) : undefined;
	if (run === undefined || !isInterrupted(run)) {
		return undefined;
	}
	const wanted = confirmationFor(run.plan.risk, run.plan.target);
	const typed = wanted.kind === 'typed';
	const question = typed ? `Go on with it? Type ${safe(wanted.text)}: ` : 'Go on with it? y or N: ';
	const answer = (await askLine(question, signal)).trim();
	if (typed ? answer !== wanted.text : answer.toLowerCase() !== 'y') {
		return undefined;
	}
	return resumeGuard(session, run, { yes: true, ...(typed && { confirm: answer }) }, signal);
};

/** `backout attach`: prints a run's output from its first byte, then live; verifies the run unless that was done. */
export const attach = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	withSession(
		globals,
		async (session, signal) => {
			const run = await findRun(session, id, signal);
			if (options.json !== true) {
				printTarget(session);
			}
			const json = options.json === true;
			const code = await printRun(session, run.id, { json, signal });
			return (await goOn(session, run.id, json, signal)) ?? code;
		},
		{ mayGuess: true },
	);
