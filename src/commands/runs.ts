import { listJournal } from '../application/journal.ts';
import type { RunSummary } from '../runbook/run.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { bold, dim, green, print, printJson, red, safe, table, yellow } from './print.ts';

/** A run's outcome in words; `rolled back` is said of nothing here, only what is known. */
export const outcomeText = ({ state, verdict }: Pick<RunSummary, 'state' | 'verdict'>): string => {
	if (state === 'succeeded') {
		if (verdict === 'passed') {
			return green('verified');
		}
		return verdict === undefined ? yellow('steps done, not verified') : red(`steps done, verification ${verdict}`);
	}
	return state === 'running' ? bold('running') : red(state);
};

/** `backout runs`: the host's journal, newest first. */
export const runs = (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const all = await listJournal(session, signal);
		if (options.json === true) {
			for (const run of all) {
				printJson({ type: 'run', ...run });
			}
			return 0;
		}
		if (all.length === 0) {
			print('nothing has been run on this target yet');
			return 0;
		}
		print(
			table(
				all.map((run) => [
					run.id,
					new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19),
					bold(safe(run.procedure)),
					outcomeText(run),
					`${safe(run.who.user)}@${safe(run.who.machine)}`,
					dim(safe(run.reason)),
				]),
			),
		);
		return 0;
	});
