import { hostname, userInfo } from 'node:os';
import { BackoutError } from '../../runbook/errors.ts';
import type { Operator, RunSummary } from '../../runbook/run.ts';
import { cancelRun, listRuns } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { assertHere, listRunsEverywhere, unread } from './runs-elsewhere.ts';

/** Returns the operator of this machine, for the journal. */
export const whoami = (): Operator => ({ user: userInfo().username, machine: hostname() });

/** Lists the runs of the target from the host, newest first. */
export const listJournal = ({ host, target }: Session, signal?: AbortSignal): Promise<readonly RunSummary[]> =>
	listRuns(host, target, signal);

/**
 * Finds a run by its id, by the end of one that fits no other, or by `last`. Throws `usage` when there is none; `RunElsewhere` when it lives on
 * another host of the target, which answers; and `outcome-unknown` when a host that does not answer may have it.
 */
export const findRun = async (session: Session, text: string, signal?: AbortSignal): Promise<RunSummary> => {
	const { runs, missing } = await listRunsEverywhere(session, signal);
	const fitting = text === 'last' ? runs.slice(0, 1) : runs.filter(({ id }) => id === text || id.endsWith(text));
	const [found] = fitting;
	// The run that has the lock is the newest, wherever it lives.
	const isLocked = found?.node !== undefined && session.target.hosts?.includes(found.node) !== true;
	if (missing.length > 0 && (found === undefined || (text === 'last' && !isLocked))) {
		const what =
			text === 'last' ? 'the newest run is not known' : `no host that answers has the run ${JSON.stringify(text)}`;
		throw new BackoutError('outcome-unknown', `${what}: not read are the runs of ${unread(missing)}`, {
			host: session.host.name,
			next: `${text === 'last' ? 'name the run' : 'ask again when they answer'}; \`backout runs\` lists those that are known`,
		});
	}
	if (found === undefined || fitting.length > 1) {
		throw new BackoutError(
			'usage',
			found === undefined
				? `there is no run ${JSON.stringify(text)} on ${session.target.name}`
				: `${JSON.stringify(text)} fits ${fitting.length} runs`,
			{ host: session.host.name, next: '`backout runs` lists the runs' },
		);
	}
	if (found.node !== undefined) {
		await assertHere(session, found.id, signal);
	}
	return found;
};

/** Throws `refused` when the session may change nothing. */
export const assertMayChange = ({ readOnly, target, host }: Session, what: string): void => {
	if (readOnly) {
		throw new BackoutError('refused', `${target.name} is read-only: ${what} is a change`, {
			host: host.name,
			next: 'nothing was changed; open it without --read-only (and without readOnly in the config) to do this',
		});
	}
};

/** Cancels a run on the host and waits until it is proved that nothing of it is left. */
export const cancelJournalRun = async (session: Session, id: string, signal?: AbortSignal) => {
	assertMayChange(session, 'cancelling a run');
	return cancelRun(session.host, session.target, id, { who: whoami(), signal });
};
