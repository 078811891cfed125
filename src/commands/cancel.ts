import { cancelAndReport, stillRunningLabel } from '../application/runs/cancelled.ts';
import { findRun } from '../application/runs/journal.ts';
import { BackoutError } from '../runbook/errors.ts';
import { withOwnCommands } from '../runbook/own-command.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { masked, print, printJson, safe } from './print.ts';

/** `backout cancel`: cancels a run on the host, waits until nothing of it is left, and prints the state of the host. */
export const cancel = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findRun(session, id, signal);
		const { lines, ...report } = await cancelAndReport(session, run.id, signal);
		if (options.json === true) {
			printJson(masked({ type: 'cancel', ...report }));
		} else {
			for (const line of lines) {
				print(safe(withOwnCommands(line)));
			}
		}
		if (report.outcome === 'still-running') {
			throw new BackoutError('outcome-unknown', stillRunningLabel(run.id, report.left), {
				host: session.host.name,
				next: `${report.left.length === 0 ? 'wait a moment' : 'check them on the host'}, then \`backout cancel ${run.id}\` again`,
			});
		}
		return 0;
	});
