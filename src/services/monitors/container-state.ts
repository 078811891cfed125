import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import type { ContainerReading, Reading, ReadingState } from '../../runbook/reading.ts';
import { healthIn } from '../instances/known-instance.ts';
import { type Expectation, judgeServices, type ServiceJudgement, shortName } from './expected-containers.ts';

/** Time for which a restart counts against a container, ms. */
const restartMemoryMs = 60_000;

/**
 * True when a container crashes again and again: it waits for its restart, or was restarted more than once, the last time a moment ago. It
 * counts as down until it has been up for a while, whatever its current state.
 *
 * @param restartedAgoMs time since a restart was seen or recorded; undefined when none is known
 */
export const isCrashLoop = ({ status, restarts }: Instance, restartedAgoMs: number | undefined): boolean =>
	status === 'restarting' || (restarts > 1 && restartedAgoMs !== undefined && restartedAgoMs < restartMemoryMs);

export interface ContainerJudgement {
	readonly state: ReadingState;
	/** The reason why it is not ok, without the container's name. */
	readonly reason?: string;
}

/**
 * Judges one container of a service.
 *
 * @param restartedAgoMs time since a restart was seen or recorded; undefined when none is known
 * @param service the judgement on its service as a whole: if it should run at all
 */
export const judgeContainer = (
	details: Instance,
	restartedAgoMs: number | undefined,
	service: Pick<ServiceJudgement, 'down' | 'unclear'>,
): ContainerJudgement => {
	const { id, status, health, exitCode, restarts } = details;
	const times = restarts === 1 ? 'once' : `${restarts} times`;
	if (service.unclear.some((one) => one.id === id)) {
		return { state: 'unknown', reason: 'exited, exit code 0: a finished job, or a server that was stopped' };
	}
	if (status !== 'running' && !service.down.some((one) => one.id === id)) {
		// One more than there should be need not run; but where an engine replaces instances, it is the new one that cannot start.
		return status === 'created' && details.error !== ''
			? { state: 'warn', reason: `${status}: ${details.error}` }
			: { state: 'ok' };
	}
	if (status === 'restarting') {
		return {
			state: 'down',
			reason: `restarting, ${exitCode === undefined && details.error ? details.error : `exit code ${exitCode ?? 'unknown'}`}, restarted ${times}`,
		};
	}
	if (status === 'exited' || status === 'dead') {
		const why = details.error || (details.oomKilled ? 'out of memory' : `exit code ${exitCode ?? 'unknown'}`);
		return { state: 'down', reason: `${status}, ${why}` };
	}
	if (status !== 'running') {
		return {
			state: status === 'paused' ? 'warn' : 'down',
			reason: details.error ? `${status}: ${details.error}` : status,
		};
	}
	if (health === 'unhealthy') {
		return { state: 'down', reason: 'unhealthy' };
	}
	if (restartedAgoMs !== undefined && restartedAgoMs < restartMemoryMs) {
		return {
			state: isCrashLoop(details, restartedAgoMs) ? 'down' : 'warn',
			reason: `restarted ${times}, last less than a minute ago`,
		};
	}
	if (health === 'starting') {
		return { state: 'warn', reason: 'health check is starting' };
	}
	return { state: 'ok' };
};

export interface Judged {
	readonly details: Instance;
	readonly judgement: ContainerJudgement;
}

/** A judgement with the name it belongs to: the service, or one of its containers. */
export type Named = ContainerJudgement & { readonly service: string };

/**
 * Judges each container of a project, and names missing ones.
 *
 * @param restartedAgo as in `judgeContainer`
 */
export const judgeProject = (
	all: readonly Instance[],
	project: string,
	expected: Expectation,
	restartedAgo: (details: Instance) => number | undefined,
): { readonly containers: readonly Judged[]; readonly named: readonly Named[] } => {
	const services = judgeServices(all, project, expected);
	const containers: Judged[] = [];
	const named: Named[] = [];
	for (const service of services) {
		const found = all.filter((details) => details.service === service.service);
		const count = service.count === undefined ? '' : `, ${service.count}`;
		for (const details of found) {
			const judgement = judgeContainer(details, restartedAgo(details), service);
			const name = found.length > 1 || count !== '' ? shortName(details.name, project) : service.service;
			containers.push({ details, judgement });
			named.push({ ...judgement, service: name, ...(judgement.reason && { reason: judgement.reason + count }) });
		}
		if (service.missing) {
			const reason = found.length === 0 ? 'no container' : `${found.length} containers exist${count}`;
			named.push({ service: service.service, state: 'down', reason });
		}
	}
	return { containers, named };
};

export const toReading = (details: Instance, state: ReadingState): ContainerReading => ({
	id: details.id,
	name: details.name,
	service: details.service,
	status: details.status,
	health: details.health,
	exitCode: details.exitCode,
	restarts: details.restarts,
	...(details.node !== undefined && { node: details.node }),
	...(details.createdAt > 0 && { createdAt: details.createdAt }),
	startedAt: details.startedAt,
	image: details.image,
	imageId: details.imageId,
	...(details.configuration !== undefined && { configHash: details.configuration }),
	state,
});

/** Returns the reading of a container from the list alone, shown until it has been inspected. */
export const listedReading = ({ id, name, service, status, words }: InstanceSummary): ContainerReading => ({
	id,
	name,
	service,
	status,
	health: status === 'running' ? healthIn(words)?.replace('health: ', '') : undefined,
	restarts: 0,
	image: '',
	imageId: '',
	state: 'unknown',
});

const rank: Readonly<Record<ReadingState, number>> = { down: 3, unknown: 2, warn: 1, ok: 0 };

/** Returns the state of all containers together, and the words for the worst. */
export const judgeAll = (judged: readonly Named[], project: string): Pick<Reading<unknown>, 'state' | 'reason'> => {
	const worst = judged.toSorted((a, b) => rank[b.state] - rank[a.state])[0];
	if (worst === undefined) {
		return { state: 'down', reason: `no container of project ${project}` };
	}
	const others = judged.filter(({ state }) => state !== 'ok').length - 1;
	return worst.state === 'ok'
		? { state: 'ok' }
		: { state: worst.state, reason: `${worst.service}: ${worst.reason}${others > 0 ? ` (and ${others} more)` : ''}` };
};
