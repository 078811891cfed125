import type { RunSummary } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import { LockHeldError } from '../../services/runner/client/lock.ts';
import type { Session } from '../fleet/session.ts';
import { listJournal } from './journal.ts';

/** A client that verifies may need this long besides the deadline of the checks, ms. */
const slackMs = 30_000;

/**
 * Returns the newest run that changed something, if it has deployed a version and its verdict may still come.
 *
 * @param runs newest first
 * @param now ms since the epoch, the host's clock
 */
export const beingVerified = (
	runs: readonly RunSummary[],
	{ runbook }: Pick<Target, 'runbook'>,
	now: number,
): RunSummary | undefined => {
	const procedureOf = (id: string) => runbook.procedures.find((procedure) => procedure.id === id);
	const newest = runs.find(({ procedure }) => procedureOf(procedure)?.risk !== 'read-only');
	const definition = newest === undefined ? undefined : procedureOf(newest.procedure);
	return newest?.state === 'succeeded' &&
		newest.verdict === undefined &&
		newest.endedAt !== undefined &&
		now - newest.endedAt < runbook.verification.deadlineMs + slackMs &&
		definition?.expects !== undefined &&
		definition.verify.length > 0
		? newest
		: undefined;
};

/**
 * Throws a LockHeldError while a rollback has no verdict yet: only then is it known which version is blocked, and a pipeline that waits for
 * the lock would deploy it in between.
 */
export const assertNoneBeingVerified = async (session: Session, signal?: AbortSignal): Promise<void> => {
	const { host, target, engine } = session;
	const run = beingVerified(await listJournal(session, signal), target, engine.clock.now());
	if (run !== undefined) {
		const { id, who, procedure, reason, endedAt = 0 } = run;
		throw new LockHeldError(
			`${procedure} by ${who.user}@${who.machine} has just ended, and is not verified yet (run ${id}): what it rolled back is not known`,
			{ host: host.name, run: id, next: `\`backout attach ${id}\` verifies it; start again then, or with --wait` },
			{ run: id, who, procedure, reason, since: endedAt },
		);
	}
};
