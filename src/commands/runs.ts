import { listJournal } from '../application/journal.ts';
import type { RunState, RunSummary } from '../runbook/run.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { bold, dim, green, print, printJson, red, safe, table, yellow } from './print.ts';

const stateWords: Readonly<Record<Exclude<RunState, 'succeeded' | 'lost'>, string>> = {
	running: 'running',
	failed: 'failed',
	cancelled: 'cancelled',
	'timed-out': 'timed out',
	unknown: 'unknown',
};

/** A run's outcome in words; `rolled back` is said of nothing here, only what is known. */
export const outcomeText = ({ state, verdict, lostBy }: Pick<RunSummary, 'state' | 'verdict' | 'lostBy'>): string => {
	switch (state) {
		case 'succeeded':
			if (verdict === 'passed') {
				return green('verified');
			}
			return verdict === undefined ? yellow('steps done, not verified') : red(`steps done, verification ${verdict}`);
		case 'lost':
			return yellow(lostBy === 'restart' ? 'died with the host, outcome unknown' : 'died, outcome unknown');
		case 'running':
			return bold(stateWords.running);
		case 'unknown':
			return yellow(stateWords.unknown);
		default:
			return red(stateWords[state]);
	}
};

/** What is missing of a run, where something is. */
const missingText = ({ damaged, pruned }: RunSummary): string => {
	if (damaged !== undefined) {
		return yellow(`damaged: ${damaged}  `);
	}
	return pruned === undefined ? '' : `pruned ${new Date(pruned.at).toISOString().slice(0, 10)}  `;
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
					`${missingText(run)}${dim(safe(run.reason))}`,
				]),
			),
		);
		return 0;
	});
