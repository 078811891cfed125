import { BackoutError } from '../../runbook/errors.ts';
import type { LockHolder, RunSummary } from '../../runbook/run.ts';
import { listRuns, lockHolder, parseOwner, runInOwner, unheard } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';

/** Reads the file `owner` of a run on another host of the deployment; undefined while none changes it, or when the engine does not say. */
const ownerElsewhere = ({ engine }: Session, signal?: AbortSignal): Promise<string | undefined> =>
	engine.lockedElsewhere?.(signal).catch(() => {
		signal?.throwIfAborted();
		// Other readings say that the engine does not answer, and whoever starts a run is told so.
		return undefined;
	}) ?? Promise.resolve(undefined);

/** Returns who has the lock of the deployment: a run on this host, or on another by which it can be changed too. */
export const readLock = async (session: Session, signal?: AbortSignal): Promise<LockHolder | undefined> => {
	const [here, elsewhere] = await Promise.all([
		lockHolder(session.host, session.target, signal),
		ownerElsewhere(session, signal),
	]);
	return here ?? (elsewhere === undefined ? undefined : parseOwner(elsewhere));
};

/** Lists the runs of this host, newest first, after the run that changes the deployment by way of another. */
export const listRunsEverywhere = async (session: Session, signal?: AbortSignal): Promise<readonly RunSummary[]> => {
	const [here, elsewhere] = await Promise.all([
		listRuns(session.host, session.target, signal),
		ownerElsewhere(session, signal),
	]);
	const other = elsewhere === undefined ? undefined : runInOwner(elsewhere);
	return other === undefined || here.some(({ id }) => id === other.id) ? here : [other, ...here];
};

/** Throws `outcome-unknown` for a run that lives on another host: only that one knows how it is. */
export const assertHere = async (session: Session, id: string, signal?: AbortSignal): Promise<void> => {
	const owner = await ownerElsewhere(session, signal);
	const holder = owner === undefined ? undefined : parseOwner(owner);
	if (holder?.run !== id || holder.node === undefined) {
		return;
	}
	const why = holder.isUnheard === true ? `. ${unheard(holder)}` : '';
	throw new BackoutError('outcome-unknown', `run ${id} lives on ${holder.node}, which alone knows its state${why}`, {
		host: session.host.name,
		run: id,
		next: `ask ${holder.node} when it answers: make it the first host of this target${holder.isUnheard === true ? `. If it is gone for good, \`backout unlock ${id}\` gives up its lock` : ''}`,
	});
};
