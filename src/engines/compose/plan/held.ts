import type { Precondition } from '../../../runbook/plan.ts';
import type { ServiceChange } from '../comparison.ts';
import type { ContainerFacts } from '../container-facts.ts';
import { dependencesOf } from '../dependencies.ts';
import type { ModelService } from '../model.ts';
import { isHeld } from '../stopped.ts';

/** Lists services all of whose containers were stopped by a procedure and are held (hold.sh). */
const heldServices = (containers: readonly ContainerFacts[]): ReadonlySet<string> =>
	new Set(
		containers
			.map(({ service }) => service)
			.filter((name) => containers.every((one) => one.service !== name || isHeld(one))),
	);

/**
 * The precondition that fails if a service depends on one that is held: Compose would start that first, and cannot. None if no such
 * service exists.
 */
export const heldDependencies = (
	services: readonly ModelService[],
	changes: readonly ServiceChange[],
	containers: readonly ContainerFacts[],
): readonly Precondition[] => {
	const starts = changes
		.filter(({ action, staysStopped }) => (action === 'recreate' || action === 'create') && !staysStopped)
		.map(({ service }) => service);
	const held = heldServices(containers);
	const needed = new Set([...dependencesOf(starts, services)].map(({ on }) => on));
	const names = [...needed].filter((name) => held.has(name) && !starts.includes(name)).sort();
	return names.length === 0
		? []
		: [
				{
					id: 'held',
					title: 'Its dependencies can be started',
					state: 'failed',
					detail: `${names.join(', ')}: stopped by a procedure, and nothing else can start ${names.length === 1 ? 'it' : 'them'}; start everything again first (start-everything)`,
				},
			];
};

/** A note that a plan starts a service that was stopped on purpose. */
export const startsHeld = (service: string, containers: readonly ContainerFacts[]): readonly string[] =>
	heldServices(containers).has(service)
		? [`${service} was stopped by a procedure, and nothing else can start it; this recreates it and STARTS it.`]
		: [];
