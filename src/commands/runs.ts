import { listRunsEverywhere } from '../application/runs/runs-elsewhere.ts';
import { listCopies } from '../application/runs/write-journal-copy.ts';
import { shortDuration as age } from '../components/format-time.ts';
import type { RunState, RunSummary } from '../runbook/run.ts';
import type { Target } from '../runbook/runbook.ts';
import { type GlobalOptions, hostNotAsked, lookInSession, openTarget, sayMissing } from './context.ts';
import { bold, dim, green, masked, print, printError, printJson, red, safe, table, yellow } from './print.ts';

const stateLabel: Readonly<Record<Exclude<RunState, 'succeeded' | 'lost'>, string>> = {
	running: 'running',
	failed: 'failed',
	cancelled: 'cancelled',
	'timed-out': 'timed out',
	unknown: 'unknown',
};

/** Describes a run's outcome, without claiming `rolled back`: only what is known. */
export const outcomeText = ({
	state,
	verdict,
	lostBy,
	waits,
	unchecked,
}: Pick<RunSummary, 'state' | 'verdict' | 'lostBy' | 'waits' | 'unchecked'>): string => {
	switch (state) {
		case 'succeeded':
			if (verdict === 'passed') {
				return green('verified');
			}
			if (verdict === undefined && unchecked === true) {
				return 'steps done, no checks';
			}
			return verdict === undefined ? yellow('steps done, not verified') : red(`steps done, verification ${verdict}`);
		case 'lost':
			return yellow(lostBy === 'restart' ? 'died with the host, outcome unknown' : 'died, outcome unknown');
		case 'running':
			return waits === undefined ? bold(stateLabel.running) : yellow('waits for you');
		case 'unknown':
			return yellow(stateLabel.unknown);
		default:
			return red(stateLabel[state]);
	}
};

/** Describes what is missing of a run, if anything is. */
const missingText = ({ damaged, pruned }: RunSummary): string => {
	if (damaged !== undefined) {
		return yellow(`damaged: ${damaged}  `);
	}
	return pruned === undefined ? '' : `pruned ${new Date(pruned.at).toISOString().slice(0, 10)}  `;
};

const row = (run: RunSummary): string[] => [
	run.id,
	new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19),
	bold(safe(run.procedure)),
	outcomeText(run),
	`${safe(run.who.user)}@${safe(run.who.machine)}`,
	`${run.node === undefined ? '' : `${yellow(`lives on ${safe(run.node)}`)}  `}${run.waits === undefined ? '' : `${yellow(safe(run.waits))}  `}${missingText(run)}${dim(safe(run.reason))}`,
];

/** Prints the copies on this machine, each with its age; nothing when there are none. */
const printCopies = async (target: Target, json: boolean): Promise<void> => {
	const copies = await listCopies(target);
	if (json) {
		for (const { run, asOf } of copies) {
			printJson(masked({ type: 'run', target: target.name, ...run, source: 'copy', asOf }));
		}
	} else if (copies.length > 0) {
		printError(
			`${yellow('from the copies on this machine')}: the runs that were followed here, as last seen; other runs are missing`,
		);
		print(table(copies.map(({ run, asOf }) => [yellow(`${age(Date.now() - asOf)} ago`), ...row(run)])));
	}
};

/**
 * `backout runs`: prints the journal of the target's hosts, newest first, and which of them do not answer. If the host cannot be reached, prints the copies on this machine, and throws
 * the error.
 */
export const runs = async (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> => {
	const json = options.json === true;
	try {
		return await lookInSession(globals, async (session, signal) => {
			const { runs: all, missing } = await listRunsEverywhere(session, signal);
			sayMissing(session, 'the runs', missing, json);
			if (json) {
				for (const run of all) {
					printJson(masked({ type: 'run', target: session.target.name, ...run }));
				}
			} else if (all.length === 0) {
				print(
					missing.length === 0
						? 'nothing has been run on this target yet'
						: 'nothing has been run by way of the hosts that answer',
				);
			} else {
				print(table(all.map(row)));
			}
			return 0;
		});
	} catch (error) {
		if (hostNotAsked(error)) {
			await printCopies((await openTarget(globals)).target, json);
		}
		throw error;
	}
};
