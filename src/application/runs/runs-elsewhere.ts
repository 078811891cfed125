import { BackoutError } from '../../runbook/errors.ts';
import type { MissingHost } from '../../runbook/missing-host.ts';
import type { LockHolder, RunSummary } from '../../runbook/run.ts';
import type { FromOthers } from '../../services/host/other-hosts.ts';
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

/** The runs of a target, on whichever of its hosts they were started, and the hosts whose runs are missing. */
export interface AllRuns {
	readonly runs: readonly RunSummary[];
	readonly missing: readonly MissingHost[];
}

/** Lists the runs of the other hosts of a target; of a target with one host, none. */
export const readRunsOfOthers = ({ others, target }: Session, signal?: AbortSignal) =>
	others?.ask((host, until) => listRuns(host, target, until), signal) ?? Promise.resolve({ read: [], missing: [] });

/**
 * Adds what other hosts have recorded to what this one has, newest first by the hosts' clocks.
 * @param runOf the run by which a record is known
 * @param on adds to a record the host on which it is
 */
export const withOthers = <T>(
	here: readonly T[],
	read: FromOthers<readonly T[]>['read'],
	runOf: (record: T) => Pick<RunSummary, 'id' | 'startedAt'>,
	on: (record: T, node: string) => T,
): readonly T[] => {
	if (read.every(({ value }) => value.length === 0)) {
		return here;
	}
	const all = new Map(here.map((record) => [runOf(record).id, record]));
	for (const { host, value } of read) {
		for (const record of value) {
			const { id } = runOf(record);
			// Two names may lead to one machine.
			all.set(id, all.get(id) ?? on(record, host));
		}
	}
	return [...all.values()].toSorted((a, b) => runOf(b).startedAt - runOf(a).startedAt);
};

/**
 * Lists the runs of all hosts of the target, newest first. Before them comes the run that changes the deployment by way of a host that is not
 * among those that answer.
 */
export const listRunsEverywhere = async (
	session: Session,
	signal?: AbortSignal,
	fromOthers: Promise<FromOthers<readonly RunSummary[]>> = readRunsOfOthers(session, signal),
): Promise<AllRuns> => {
	const [here, elsewhere, others] = await Promise.all([
		listRuns(session.host, session.target, signal),
		ownerElsewhere(session, signal),
		fromOthers,
	]);
	const runs = withOthers(
		here,
		others.read,
		(run) => run,
		(run, node) => ({ ...run, node }),
	);
	const locked = elsewhere === undefined ? undefined : runInOwner(elsewhere);
	return {
		runs: locked === undefined || runs.some(({ id }) => id === locked.id) ? runs : [locked, ...runs],
		missing: others.missing,
	};
};

/** A run lives on another host of the target, which answers. A command begins anew there. */
export class RunElsewhere extends BackoutError {
	/** The name of that host in the config. */
	readonly on: string;

	constructor(run: string, on: string, host: string) {
		super('outcome-unknown', `run ${run} lives on ${on}, which alone has its records`, {
			host,
			run,
			next: `\`backout attach ${run}\`, \`undo\`, \`report\` and the like ask ${on}`,
		});
		this.name = 'RunElsewhere';
		this.on = on;
	}
}

/** Says which hosts are not known to lack something. */
export const unread = (missing: readonly MissingHost[]): string =>
	missing.map(({ host, reason }) => `${host} (${reason})`).join(' and ');

/** Throws `outcome-unknown` for a run that lives on another host: only that one knows how it is. */
export const assertHere = async (session: Session, id: string, signal?: AbortSignal): Promise<void> => {
	const { runs, missing } = await listRunsEverywhere(session, signal);
	const node = runs.find((run) => run.id === id)?.node;
	if (node !== undefined && session.target.hosts?.includes(node) === true) {
		throw new RunElsewhere(id, node, session.host.name);
	}
	const owner = await ownerElsewhere(session, signal);
	const holder = owner === undefined ? undefined : parseOwner(owner);
	if (holder?.run === id && holder.node !== undefined) {
		const why = holder.isUnheard === true ? `. ${unheard(holder)}` : '';
		throw new BackoutError('outcome-unknown', `run ${id} lives on ${holder.node}, which alone knows its state${why}`, {
			host: session.host.name,
			run: id,
			next: `ask ${holder.node} when it answers: make it the first host of this target${holder.isUnheard === true ? `. If it is gone for good, \`backout unlock ${id}\` gives up its lock` : ''}`,
		});
	}
	if (missing.length > 0 && !runs.some((run) => run.id === id)) {
		throw new BackoutError(
			'outcome-unknown',
			`run ${id} is not on the hosts that answer; not read: ${unread(missing)}`,
			{
				host: session.host.name,
				run: id,
				next: 'ask again when they answer',
			},
		);
	}
};
