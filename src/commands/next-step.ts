import type { Session } from '../application/fleet/session.ts';
import { nextProcedure, nothingFits } from '../runbook/next-procedure.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Run } from '../runbook/run.ts';
import { bold, print, safe } from './print.ts';
import { watchReadings } from './watch-readings.ts';

/** Longest wait for readings, ms. Those that have not arrived by then suggest nothing. */
const patienceMs = 6000;

/** Prints which procedure fits after a failed verification, from readings taken now; if none does, where else to find help. */
export const printNextStep = async (session: Session, run: Run, signal: AbortSignal): Promise<void> => {
	const { suggestions, procedures } = session.target.runbook;
	const suggestion = suggestions.length === 0 ? undefined : await suggestNow(session, signal);
	const next = nextProcedure(procedures, suggestion, run.plan.procedure);
	if (next !== undefined) {
		print(`  ${bold('Next')}: ${safe(next.words)}`);
		print(`    ${ownCommand(['plan', next.procedure.id])}`);
		return;
	}
	print(`  ${bold('Next')}: ${nothingFits}`);
	print(`    ${ownCommand(['status'])}   shows the readings`);
	print(`    ${ownCommand(['procedures'])}   lists all procedures`);
	if (run.facts.restore_point !== undefined) {
		print(`    ${ownCommand(['undo', run.id])}   plans the way back`);
	}
};

const suggestNow = async (session: Session, signal: AbortSignal) => {
	const watch = watchReadings(session);
	try {
		await watch.arrived(patienceMs, signal);
		return watch.take().suggestion;
	} finally {
		watch.stop();
	}
};
