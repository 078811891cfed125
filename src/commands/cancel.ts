import { cancelJournalRun, findRun } from '../application/journal.ts';
import { BackoutError } from '../runbook/errors.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { print, printJson } from './print.ts';

/** `backout cancel`: ends a run on the host and waits until nothing of it is left. */
export const cancel = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findRun(session, id, signal);
		const { outcome, state, left } = await cancelJournalRun(session, run.id, signal);
		if (options.json === true) {
			printJson({ type: 'cancel', run: run.id, outcome, state, left });
		}
		if (outcome === 'still-running') {
			throw new BackoutError(
				'outcome-unknown',
				`${run.id} was told to end, but processes of it are left: ${left.join(', ')}`,
				{
					host: session.host.name,
					next: `look at them on the host, then \`backout cancel ${run.id}\` again`,
				},
			);
		}
		if (options.json !== true) {
			print(
				outcome === 'cancelled'
					? `${run.id} is cancelled; nothing of it runs on the host any more`
					: `${run.id} had ended already: ${state}`,
			);
		}
		return 0;
	});
