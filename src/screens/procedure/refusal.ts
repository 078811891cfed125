import { ago } from '../../components/format-time.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { LockHolder } from '../../runbook/run.ts';
import type { TargetInfo } from '../../stores/workspace.ts';

/** Says how to see more of a run. */
const watch = ({ run, node, isUnheard }: LockHolder): string =>
	node === undefined
		? 'Press a to watch it.'
		: isUnheard === true
			? `Nothing is heard from ${node}: the state of that run is unknown until it is back. If it is gone for good: backout unlock ${run}`
			: `It lives on ${node}: watch it there.`;

/** Returns the reason why a plan cannot be started now; undefined when it can. The host decides again at the start. */
export const refusal = (
	plan: Plan,
	target: TargetInfo,
	lock: LockHolder | undefined,
	now: number,
): string | undefined => {
	if (plan.risk !== 'read-only' && target.readOnly) {
		return `${target.name} is read-only here: nothing that changes it can be started.`;
	}
	const failed = plan.preconditions.filter(({ state }) => state !== 'passed');
	const first = failed[0];
	if (first !== undefined) {
		const word = first.state === 'failed' ? 'is not met' : 'is unknown';
		return `“${first.title}” ${word}${first.detail === '' ? '' : `: ${first.detail}`}${failed.length > 1 ? `; and ${failed.length - 1} more` : ''}.`;
	}
	if (plan.risk !== 'read-only' && lock !== undefined) {
		return `${lock.who.user}@${lock.who.machine} holds the lock since ${ago(now - lock.since)}: ${lock.procedure} (run ${lock.run}${lock.node === undefined ? '' : ` on ${lock.node}`}${lock.reason === '' ? '' : `, ${lock.reason}`}). ${watch(lock)}`;
	}
	return undefined;
};
