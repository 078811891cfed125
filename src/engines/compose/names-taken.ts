import type { ServiceChange } from './comparison.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { ComposeModel } from './model.ts';

/**
 * Lists the names of containers that another service gets (`container_name`), as after a service was renamed: Docker gives no name twice, and
 * what leaves the deployment is kept.
 */
export const namesTaken = (
	changes: readonly ServiceChange[],
	containers: readonly ContainerFacts[],
	after: ComposeModel,
): readonly { readonly service: string; readonly name: string }[] => {
	const made = new Set(
		changes.filter(({ action }) => action === 'recreate' || action === 'create').map(({ service }) => service),
	);
	return containers
		.filter((facts) =>
			after.services.some(
				({ name, containerName }) =>
					made.has(name) && containerName !== undefined && containerName === facts.name && name !== facts.service,
			),
		)
		.map(({ service, name }) => ({ service, name }));
};
