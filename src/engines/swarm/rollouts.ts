import type { Instance } from '../../engine/instance.ts';
import type { RolloutUpdate, ServiceRollout } from '../../engine/rollout.ts';
import { parseMillis } from '../../engine/time.ts';
import { isJob, isOfNow, serviceName } from './names.ts';
import { isReady, wantedTasks } from './nodes.ts';
import type { RawService } from './raw.ts';
import type { Snapshot } from './snapshot.ts';
import { shownTasks, stateOf } from './tasks.ts';

const updates: Readonly<Record<string, RolloutUpdate['state']>> = {
	updating: 'updating',
	paused: 'paused',
	completed: 'completed',
	rollback_started: 'rolling-back',
	rollback_paused: 'rollback-paused',
	rollback_completed: 'rolled-back',
};

const updateOf = ({ UpdateStatus: status }: RawService): RolloutUpdate | undefined => {
	const state = updates[status?.State ?? ''];
	return state === undefined ? undefined : { state, message: status?.Message ?? '' };
};

/** True for a task in place of one that has failed, until it is up. */
const isTriedAgain = ({ status, health, restarts }: Instance): boolean =>
	status === 'restarting' || (health === 'starting' && restarts > 0);

/** Says of a task that is tried again why, in words. */
const tried = (called: string, exitCode: number | undefined, error: string, times: number): string =>
	`${called}: ${error || (exitCode === undefined ? 'not up yet' : `exit code ${exitCode}`)}, tried ${times === 1 ? 'once' : `${times} times`}`;

const rolloutOf = (service: RawService, snapshot: Snapshot, stack: string): ServiceRollout => {
	const job = isJob(service);
	const mine = shownTasks(snapshot, stack).filter((one) => one.service === service);
	const counts = mine.filter(
		({ task, node }) =>
			isOfNow(task, service) &&
			(job ? stateOf(task) === 'complete' : stateOf(task) === 'running' && (node === undefined || isReady(node))),
	);
	const shown = new Set(mine.map(({ task }) => task.ID));
	const earlier = snapshot.tasks.filter(
		(task) =>
			task.ServiceID === service.ID &&
			stateOf(task) === 'running' &&
			// One that is shut down still serves until it has ended.
			(!isOfNow(task, service) || !shown.has(task.ID)) &&
			isReady(snapshot.nodes.find(({ ID }) => ID === task.NodeID)),
	).length;
	const update = updateOf(service);
	const since = Math.max(
		parseMillis(service.UpdateStatus?.CompletedAt) ?? 0,
		...mine.map(({ instance }) => instance.finishedAt ?? instance.startedAt ?? instance.createdAt),
	);
	return {
		service: serviceName(service, stack),
		desired: wantedTasks(service, snapshot),
		current: counts.length,
		earlier,
		isJob: job,
		restarting: mine
			.filter(({ instance }) => isTriedAgain(instance))
			.map(({ instance: { name, exitCode, error, restarts } }) => {
				const called = name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;
				return tried(called, exitCode, error, Math.max(1, restarts));
			}),
		...(update !== undefined && { update }),
		since,
	};
};

/** Returns how far each service of a stack is, by name. */
export const rolloutsOf = (snapshot: Snapshot, stack: string): readonly ServiceRollout[] =>
	snapshot.services
		.map((service) => rolloutOf(service, snapshot, stack))
		.toSorted((a, b) => (a.service < b.service ? -1 : 1));
