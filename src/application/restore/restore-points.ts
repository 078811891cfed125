import type { MissingHost } from '../../runbook/missing-host.ts';
import {
	type Dropped,
	dropRestorePoints,
	type PruneRule,
	pointsToDrop,
} from '../../services/runner/client/prune-restore-points.ts';
import { dropRunsNow, listPrunable, type PrunableRun } from '../../services/runner/client/prune-runs.ts';
import { listRestorePoints, type RestorePoint } from '../../services/runner/restore-point/list-restore-points.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange } from '../runs/journal.ts';
import { withOthers } from '../runs/runs-elsewhere.ts';

export type { Dropped, PrunableRun, PruneRule, RestorePoint };

/** Reads the restore points of all hosts of the target, newest first by the hosts' clocks. */
export const readRestorePointsEverywhere = async (
	session: Session,
	signal?: AbortSignal,
): Promise<{ readonly points: readonly RestorePoint[]; readonly missing: readonly MissingHost[] }> => {
	const { engine, target, others } = session;
	const [here, elsewhere] = await Promise.all([
		readRestorePoints(session, signal),
		others?.ask((host, until) => listRestorePoints(host, engine.shell, target, until), signal),
	]);
	const { read = [], missing = [] } = elsewhere ?? {};
	return {
		points: withOthers(
			here,
			read,
			({ run }) => run,
			(point, node) => ({ ...point, run: { ...point.run, node } }),
		),
		missing,
	};
};

/** Reads the restore points of the host that is asked, newest first. */
export const readRestorePoints = (
	{ host, target, engine }: Session,
	signal?: AbortSignal,
): Promise<readonly RestorePoint[]> => listRestorePoints(host, engine.shell, target, signal);

/** Lists the restore points that a rule would delete; changes nothing. Throws `refused` on a read-only target. */
export const planPrune = async (
	session: Session,
	rule: PruneRule,
	signal?: AbortSignal,
): Promise<{ readonly drop: readonly RestorePoint[]; readonly keep: readonly RestorePoint[] }> => {
	assertMayChange(session, 'deleting restore points');
	const all = await readRestorePoints(session, signal);
	const drop = pointsToDrop(all, rule, Date.now());
	return { drop, keep: all.filter((point) => !drop.includes(point)) };
};

/** Deletes these restore points on the host. Throws `refused` on a read-only target and while a run has the lock. */
export const pruneRestorePoints = (
	session: Session,
	points: readonly RestorePoint[],
	signal?: AbortSignal,
): Promise<readonly Dropped[]> => {
	assertMayChange(session, 'deleting restore points');
	return dropRestorePoints(
		session.host,
		session.engine.shell,
		session.target,
		points.map(({ run }) => run.id),
		signal,
	);
};

/** Lists the runs that the target's limits would delete, oldest first; changes nothing. Throws `refused` on a read-only target. */
export const planRunPrune = (session: Session, signal?: AbortSignal): Promise<readonly PrunableRun[]> => {
	assertMayChange(session, 'deleting runs');
	return listPrunable(session.host, session.target, signal);
};

/** Deletes these runs on the host; the journal keeps their records. Throws as `pruneRestorePoints` does. */
export const pruneRuns = (
	session: Session,
	runs: readonly PrunableRun[],
	signal?: AbortSignal,
): Promise<readonly Dropped[]> => {
	assertMayChange(session, 'deleting runs');
	return dropRunsNow(
		session.host,
		session.engine.shell,
		session.target,
		runs.map(({ run }) => run),
		signal,
	);
};
