import type { InstanceModel } from '../instances/instance-model.ts';
import { isCrashLoop } from '../monitors/container-state.ts';

/** The service of a project that crashes again and again, as far as is known of its containers; the one with the most restarts. */
export const crashLoopIn = (
	instances: Pick<InstanceModel, 'get' | 'restartedAgo'>,
): { readonly service: string; readonly restarts: number } | undefined =>
	instances
		.get()
		.instances.filter((instance) => isCrashLoop(instance, instances.restartedAgo(instance)))
		.toSorted((a, b) => b.restarts - a.restarts)[0];
