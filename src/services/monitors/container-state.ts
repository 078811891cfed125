import type { ContainerReading, Reading, ReadingState } from '../../runbook/reading.ts';
import { configHashLabel } from '../docker/labels.ts';
import type { ContainerDetails, ContainerSummary } from '../docker/types.ts';

/** How long a restart is remembered against a container. */
export const restartMemoryMs = 60_000;

export interface ContainerJudgement {
	readonly state: ReadingState;
	/** Why it is not ok; without the container's name. */
	readonly reason?: string;
}

/**
 * A container that has done its work: ended with 0, is not to be restarted, and looks like no server. (Compose has no mark
 * for one-shot services; `no` is also the default restart policy, so a stopped server must not pass for one.)
 */
export const isFinishedTask = (details: ContainerDetails): boolean =>
	details.status === 'exited' &&
	details.exitCode === 0 &&
	['no', 'on-failure'].includes(details.restartPolicy) &&
	details.health === undefined &&
	!details.publishesPorts;

/** @param restartedAgoMs how long ago a restart was seen or recorded; undefined when none is known. */
export const judgeContainer = (details: ContainerDetails, restartedAgoMs: number | undefined): ContainerJudgement => {
	const { status, health, exitCode, restarts } = details;
	const times = restarts === 1 ? 'once' : `${restarts} times`;
	if (status === 'restarting') {
		return { state: 'down', reason: `restarting, exit code ${exitCode ?? 'unknown'}, restarted ${times}` };
	}
	if (status === 'exited' || status === 'dead') {
		if (isFinishedTask(details)) {
			return { state: 'ok' };
		}
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
		return { state: 'warn', reason: `restarted ${times}, last less than a minute ago` };
	}
	if (health === 'starting') {
		return { state: 'warn', reason: 'health check is starting' };
	}
	return { state: 'ok' };
};

export const toReading = (details: ContainerDetails, state: ReadingState): ContainerReading => ({
	id: details.id,
	name: details.name,
	service: details.service,
	status: details.status,
	health: details.health,
	exitCode: details.exitCode,
	restarts: details.restarts,
	...(details.createdAt > 0 && { createdAt: details.createdAt }),
	startedAt: details.startedAt,
	image: details.image,
	imageId: details.imageId,
	...(details.labels[configHashLabel] !== undefined && { configHash: details.labels[configHashLabel] }),
	state,
});

/** What a list alone says of a container, shown until it has been inspected. */
export const listedReading = ({ id, name, service, status, words }: ContainerSummary): ContainerReading => ({
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

/** `Up 3 minutes (healthy)`: what stands in brackets; the rest of the words changes by itself. */
export const healthIn = (words: string): string | undefined => /\(([^)]*)\)/.exec(words)?.[1];

const rank: Readonly<Record<ReadingState, number>> = { down: 3, unknown: 2, warn: 1, ok: 0 };

/** The state of all containers together and the words for the worst. */
export const judgeAll = (
	judged: readonly (ContainerJudgement & { readonly service: string })[],
	project: string,
): Pick<Reading<unknown>, 'state' | 'reason'> => {
	const worst = judged.toSorted((a, b) => rank[b.state] - rank[a.state])[0];
	if (worst === undefined) {
		return { state: 'down', reason: `no container of project ${project}` };
	}
	const others = judged.filter(({ state }) => state !== 'ok').length - 1;
	return worst.state === 'ok'
		? { state: 'ok' }
		: { state: worst.state, reason: `${worst.service}: ${worst.reason}${others > 0 ? ` (and ${others} more)` : ''}` };
};
