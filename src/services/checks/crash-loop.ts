import type { InstanceModel } from '../instances/instance-model.ts';
import { isCrashLoop } from '../monitors/container-state.ts';

/** Returns the project's crashing service, as far as its containers show; if there are several, the one with the most restarts. */
export const crashLoopIn = (
	instances: Pick<InstanceModel, 'get' | 'restartedAgo'>,
): { readonly service: string; readonly restarts: number } | undefined =>
	instances
		.get()
		.instances.filter((instance) => isCrashLoop(instance, instances.restartedAgo(instance)))
		.toSorted((a, b) => b.restarts - a.restarts)[0];
