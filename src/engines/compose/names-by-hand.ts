import type { ContainerFacts } from './container-facts.ts';
import type { ComposeModel } from './model.ts';

/** A name that somebody gave a container with `docker rename`, and that a new one would not have. */
export interface NameByHand {
	readonly service: string;
	readonly number: string;
	readonly name: string;
}

/** The names that Compose gives a container: since version 2 with `-`, before with `_`; and one that it recreated by half has an id before it. */
const isComposeName = (project: string, { service, number, name }: ContainerFacts): boolean =>
	[`${project}-${service}-${number}`, `${project}_${service}_${number}`].includes(name.replace(/^[0-9a-f]{12}_/, ''));

/**
 * Lists the containers of these services that no file gives their name: other programs may know them by it. Where the new files name the
 * container otherwise than the present ones, that is asked for.
 */
export const namesByHand = (
	services: readonly string[],
	containers: readonly ContainerFacts[],
	now: ComposeModel | undefined,
	after: ComposeModel,
): readonly NameByHand[] => {
	const named = (model: ComposeModel, service: string) =>
		model.services.find(({ name }) => name === service)?.containerName;
	return now === undefined
		? []
		: containers
				.filter((facts) => services.includes(facts.service) && !isComposeName(now.project, facts))
				.filter(({ service }) => named(now, service) === named(after, service))
				.filter(({ service, name }) => named(now, service) !== name.replace(/^[0-9a-f]{12}_/, ''))
				.map(({ service, number, name }) => ({ service, number, name }));
};
