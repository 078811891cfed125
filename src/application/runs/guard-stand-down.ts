import { BackoutError } from '../../runbook/errors.ts';
import type { RunSummary } from '../../runbook/run.ts';
import { busyError, lockHolder } from '../../services/runner/client/lock.ts';
import type { Session } from '../fleet/session.ts';
import { listJournal } from './journal.ts';
import type { Guarded } from './prepare-guard.ts';

const mayHaveChanged = ({ target }: Session, { procedure }: RunSummary): boolean =>
	target.runbook.procedures.find(({ id }) => id === procedure)?.risk !== 'read-only';

/**
 * Throws `refused` when somebody else is working on the target, or has been since: it is no longer the watched deployment.
 * @param acting true: also reads what is deployed, which takes longer
 */
export const assertNobodyElse = async (
	session: Session,
	{ current, readCurrent, readTargetBlock, runs, byHand }: Guarded,
	acting: boolean,
	signal: AbortSignal,
): Promise<void> => {
	const { host, target } = session;
	const [holder, journal, now, blocked] = await Promise.all([
		lockHolder(host, target, signal),
		listJournal(session, signal),
		acting ? readCurrent(signal) : current,
		acting ? readTargetBlock?.(signal) : undefined,
	]);
	const next = `guard has changed nothing; \`${byHand}\` rolls back by hand`;
	if (holder !== undefined) {
		const busy = busyError(host.name, target.directory, holder);
		throw new BackoutError('refused', `guard stops: ${busy.message}`, { host: host.name, run: busy.run, next });
	}
	const other = journal.find((run) => !runs.has(run.id) && mayHaveChanged(session, run));
	if (other !== undefined) {
		throw new BackoutError(
			'refused',
			`guard stops: ${other.who.user}@${other.who.machine} has run ${other.procedure} meanwhile (${other.id})`,
			{ host: host.name, run: other.id, next },
		);
	}
	if (blocked !== undefined) {
		throw new BackoutError('refused', `guard does not act: the version to go back to is blocked now: ${blocked}`, {
			host: host.name,
			next,
		});
	}
	if (now !== current) {
		throw new BackoutError('refused', 'guard stops: something else was deployed meanwhile', {
			host: host.name,
			next: `${next}. Then: ${current}; now: ${now}`,
		});
	}
};
