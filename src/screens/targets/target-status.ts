import { isStale } from '../../runbook/reading.ts';
import type { Workspace } from '../../stores/workspace.ts';

/** Returns the name of the host that is asked now: of several, the one that answers. */
export const askedHost = ({ target, readings }: Workspace): string => readings.link.get().host ?? target.host;

/** The statuses of a target, the worst first. `starting`: nothing was read yet. */
export const targetStatuses = ['failing', 'unreachable', 'in doubt', 'starting', 'well'] as const;
export type TargetStatus = (typeof targetStatuses)[number];

/**
 * Returns the status of a target in one word. Something unknown is never well, and something stale proves nothing: a target whose checks
 * passed some time ago is in doubt.
 */
export const targetStatusOf = ({ readings }: Workspace, now: number): TargetStatus => {
	const link = readings.link.get();
	const containers = readings.containers.get();
	const checks = readings.verification.get()?.checks ?? [];
	if (link.status !== 'up' && link.status !== 'silent') {
		return link.status === 'connecting' && link.reason === undefined ? 'starting' : 'unreachable';
	}
	if (checks.some(({ state }) => state === 'failed') || containers.state === 'down') {
		return 'failing';
	}
	const looked = checks.length > 0 ? checks.every(({ at }) => at > 0) : containers.at > 0;
	if (!looked && containers.reason === undefined) {
		return 'starting';
	}
	const known = containers.value !== undefined && !isStale(containers, now);
	const doubt = link.status === 'silent' || checks.some(({ state }) => state === 'unknown') || !known;
	if (doubt) {
		return looked ? 'in doubt' : 'starting';
	}
	return containers.state === 'ok' ? 'well' : 'in doubt';
};

/** Sorts the targets, the worst first; those with the same status stay in the order of the config. */
export const orderTargets = (workspaces: readonly Workspace[], now: number): readonly Workspace[] =>
	workspaces
		.map((workspace) => ({ workspace, rank: targetStatuses.indexOf(targetStatusOf(workspace, now)) }))
		.toSorted((a, b) => a.rank - b.rank)
		.map(({ workspace }) => workspace);
