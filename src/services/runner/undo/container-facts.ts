import { allContainerFacts } from '../../../engines/compose/container-facts.ts';
import { containerTrouble } from '../../../engines/compose/container-trouble.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { enterRun, sections } from '../client/read-runs.ts';
import { assertRunId } from '../client/run-id.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from '../restore-point/read-kept-state.sh';
import type { CustomUndo } from './undo-steps.ts';

/** A container as it stood when the restore point was made. */
export interface KeptContainer {
	readonly service: string;
	readonly number: string;
	readonly state: 'running' | 'stopped';
	/** Id of its image. */
	readonly image: string;
	/** The name it was made from; empty when it was an id. */
	readonly imageName: string;
	/** What Compose calls the hash of its configuration. */
	readonly hash: string;
	/** Name of the container, without Docker's leading slash. */
	readonly name: string;
	/** Compose made it with regard to the services that it depends on, and counted them into the hash. */
	readonly withDependencies: boolean;
	/** Why it was not well then, in words that fit after its name; missing where nothing says so. */
	readonly trouble?: string;
}

/** What a run's restore point holds, beside the facts of the run. */
export interface KeptState {
	readonly containers: readonly KeptContainer[];
	readonly custom: readonly CustomUndo[];
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

/** Reads a run's restore point. Of one that is not there, or was pruned, nothing. Throws what `ask` throws. */
export const readKeptState = async (
	host: Host,
	options: StateOptions,
	{ id, startedAt }: { readonly id: string; readonly startedAt: number },
	signal?: AbortSignal,
): Promise<KeptState> => {
	assertRunId(id);
	const { bytes } = await runScript(host, script, {
		purpose: `read the restore point of run ${id}`,
		prelude: [locateState, enterRun],
		variables: { ...stateValues(options), id },
		signal,
		maxBytes: 16 * 1024 * 1024,
	});
	const files = sections(bytes);
	return {
		containers: keptContainers(files.get('containers.json') ?? '[]', startedAt),
		custom: [...files]
			.filter(([name]) => name.startsWith('undo/'))
			.map(([name, text]) => ({ name: name.slice('undo/'.length), script: text })),
	};
};
