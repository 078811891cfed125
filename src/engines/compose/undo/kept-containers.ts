import type { KeptDeployment, KeptInstance, KeptNotes } from '../../../engine/kept.ts';
import { allContainerFacts } from '../container-facts.ts';
import { containerTrouble } from '../container-trouble.ts';

/** A container as it stood when the restore point was made. */
export interface KeptContainer extends KeptInstance {
	/** What Compose calls the hash of its configuration. */
	readonly hash: string;
	/** Compose made it with regard to the services that it depends on, and counted them into the hash. */
	readonly withDependencies: boolean;
}

/**
 * Reads what `docker inspect` printed. One-off containers are passed over: they are nobody's service.
 *
 * @param at when it was printed, ms since the epoch, by the host's clock
 */
export const keptContainers = (json: string, at = 0): readonly KeptContainer[] => {
	const troubles = troublesIn(json, at);
	return allContainerFacts(json).map(
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

/** Why containers were not well, by their ids. */
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

/** How Compose was called when the restore point was made; a plan of an earlier version does not say all of it. */
const composeOfThen = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => name === 'project' || name.startsWith('compose_')));

/** Reads what keep-images.sh noted of the containers, and what undo-state.sh has to know of them. */
export const readKept = ({ noted, at, environment }: KeptNotes): KeptDeployment => {
	const containers = keptContainers(noted === '' ? '[]' : noted, at);
	return {
		instances: containers,
		environment: { ...composeOfThen(environment), from_containers: containers.map(containerLine).join('\n') },
	};
};
