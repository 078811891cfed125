import type { KeptDeployment, KeptInstance, KeptNotes } from '../../../engine/kept.ts';
import { allContainerFacts, withoutHalfRecreated } from '../container-facts.ts';
import { containerTrouble } from '../container-trouble.ts';

/** A container at the time of the restore point. */
export interface KeptContainer extends KeptInstance {
	/** Compose's hash of its configuration. */
	readonly hash: string;
	/** True when Compose included the services that it depends on in the hash. */
	readonly withDependencies: boolean;
}

/**
 * Parses the output of `docker inspect`. One-off containers are left out, as they belong to no service, and those that Compose
 * had recreated by half.
 *
 * @param at time of that output, ms since the epoch by the host's clock
 */
export const keptContainers = (json: string, at = 0): readonly KeptContainer[] => {
	const troubles = troublesIn(json, at);
	return withoutHalfRecreated(allContainerFacts(json)).map(
		({ id, service, number, running, image, imageName, configHash, name, dependsOn }) => ({
			service,
			number,
			state: running ? 'running' : 'stopped',
			image,
			imageName: /^sha256:|^[0-9a-f]{12,64}$/.test(imageName) ? '' : imageName,
			hash: configHash,
			name,
			withDependencies: dependsOn !== undefined,
			...(troubles.has(id) && { trouble: troubles.get(id) }),
		}),
	);
};

/** Returns the reasons why containers were not well, by their ids. */
const troublesIn = (json: string, at: number): ReadonlyMap<string, string> => {
	let all: readonly { readonly Id?: unknown }[];
	try {
		all = JSON.parse(json);
	} catch {
		return new Map();
	}
	return new Map(
		(Array.isArray(all) ? all : []).flatMap((one): readonly [string, string][] => {
			const trouble = containerTrouble(one, at);
			return trouble === undefined || typeof one?.Id !== 'string' ? [] : [[one.Id, trouble]];
		}),
	);
};

const containerLine = ({ withDependencies, ...kept }: KeptContainer): string => {
	const { service, number, state, image, imageName, hash, name } = kept;
	return [service, number, state, image, imageName, hash, name, withDependencies ? 'with' : 'without'].join('|');
};

/** Returns how Compose was called at the time of the restore point; a plan of an earlier version does not contain all of it. */
const composeOfThen = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => name === 'project' || name.startsWith('compose_')));

/** Reads the notes of keep-images.sh about the containers, and the facts that undo-state.sh needs about them. */
export const readKept = ({ noted, at, environment }: KeptNotes): KeptDeployment => {
	const containers = keptContainers(noted === '' ? '[]' : noted, at);
	return {
		instances: containers,
		environment: { ...composeOfThen(environment), from_containers: containers.map(containerLine).join('\n') },
	};
};
