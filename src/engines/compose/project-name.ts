import type { InstanceSummary } from '../../engine/instance.ts';
import type { Host } from '../../services/host/host.ts';
import type { DeploymentTarget } from './deployment.ts';
import { deploymentOf } from './read-model.ts';

/** Finds a project's real name when the config only allows a guess, the folder's name. */
export interface ProjectName {
	/** Returns the name once it is known; it is looked up again after the whole project was gone. */
	known(guess: string): string | undefined;
	/** Finds the name, given the containers that the guessed one has. Costs nothing when those were created in the target's folder. */
	find(guess: string, listed: readonly InstanceSummary[], signal?: AbortSignal): Promise<string>;
}

const plain = (folder: string): string => folder.replace(/(?<=.)\/+$/, '');

export const createProjectName = (host: Host, target: DeploymentTarget): ProjectName => {
	let name = target.projectGiven ? target.project : undefined;
	return {
		known: (guess) => (guess === target.project ? name : guess),
		find: async (guess, listed, signal) => {
			if (listed.length > 0 && listed.every(({ folder }) => folder === plain(target.directory))) {
				name = guess;
				return guess;
			}
			const deployment = await deploymentOf(host, target, { signal });
			if (deployment.containers > 0) {
				name = deployment.project;
			}
			return deployment.project;
		},
	};
};
