import { cancelJournalRun, findRun } from '../application/journal.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { print, printJson } from './print.ts';

/** `backout cancel`: ends a run on the host and waits until nothing of it is left. */
export const cancel = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const run = await findRun(session, id, signal);
		const outcome = await cancelJournalRun(session, run.id, signal);
		if (options.json === true) {
			printJson({ type: 'cancelled', run: run.id, outcome });
		} else {
			print(
				outcome === 'cancelled'
					? `${run.id} is cancelled; nothing of it runs on the host any more`
					: `${run.id} had ended already`,
			);
		}
		return 0;
	});
