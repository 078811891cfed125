import type { DeploymentIdentity } from '../../engine/deployment.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import absentFolder from '../../services/runner/host/absent-folder.sh';
import engineScript from '../docker/engine.sh';
import secondsOf from '../docker/seconds-of.sh';
import wordsScript from '../docker/words.sh';
import configSourceScript from './config-source.sh';
import deployedCommitsScript from './deployed-commits.sh';
import callCompose from './deployment.sh';
import foundFilesScript from './found-files.sh';
import holdScript from './hold.sh';
import identityScript from './identity.sh';
import identityFiles from './identity-files.sh';
import movingTagsScript from './moving-tags.sh';
import podmanLimits from './podman-limits.sh';
import registryScript from './registry.sh';
import startOrderScript from './start-order.sh';
import submodulesScript from './submodules.sh';
import versionScript from './version.sh';

/** A deployment as identity.sh finds it: how its containers were created, and how to call Compose for it. */
export interface Deployment {
	readonly project: string;
	/** Source of the project's name: the config, the containers, Compose through its file or .env, or the folder's name. */
	readonly projectFrom: 'config' | 'containers' | 'compose' | 'folder';
	/** The project directory, absolute, with all symbolic links resolved. */
	readonly directory: string;
	/** The Compose files, absolute, in order; empty: those that Compose finds by itself. */
	readonly files: readonly string[];
	readonly filesFrom: 'config' | 'containers' | 'compose';
	/** True when `files` are those that Compose finds by itself: of another commit it may find others. */
	readonly findsFiles: boolean;
	readonly envFiles: readonly string[];
	readonly profiles: readonly string[];
	/** True when the profiles are in use beside those that .env names, as their containers show. */
	readonly addsProfiles: boolean;
	/** Absolute path of the program that calls Compose; empty: `docker compose`. */
	readonly command: string;
	/** The number of the project's containers, stopped ones too. */
	readonly containers: number;
	/** Reasons why nothing that needs Compose may be changed: config, folder and containers contradict each other. Sentences. */
	readonly conflicts: readonly string[];
	/** False when the directory is not on the host, though containers say that they were created in it: a tool keeps it inside itself. */
	readonly hasFolder: boolean;
	/** The reason why its containers can be stopped and started, but not recreated: Podman without Docker Compose. A sentence. */
	readonly onlyContainers?: string;
	/** What the engine cannot do of what a stop promises. Sentences without a full stop. */
	readonly stopLimits: readonly string[];
	/** Variables that the Compose files use and nothing sets: Compose uses an empty value. */
	readonly unset: readonly string[];
	/** A program in the folder that calls Compose, if an env file made by a program is gone. It has not been called. */
	readonly ownCommand?: {
		/** Relative to the directory. */
		readonly path: string;
		/** True when it passes its arguments on to Compose, as far as its text shows. */
		readonly passesOn: boolean;
	};
	/** Compose's message about unreadable files, in one line, without values. */
	readonly unreadable?: string;
	/** The reason why none of this is known: Docker does not answer. The rest is then a guess from the config. */
	readonly unknown?: string;
}

/** POSIX sh: `engine`, `seconds_of` and what deployment.sh has. */
const deploymentScript = [engineScript, secondsOf, foundFilesScript, callCompose].join('\n');

/** The parts of a target that identify its deployment. */
export type DeploymentTarget = Pick<Target, 'directory' | 'project' | 'projectGiven' | 'compose'>;

/**
 * POSIX sh functions for every script of a deployment: `compose`, `compose_in`, `engine`, `containers_of`, `stop_and_hold`, `release`,
 * `start_in_order`.
 */
export const deploymentFunctions: string = [
	wordsScript,
	deploymentScript,
	configSourceScript,
	holdScript,
	startOrderScript,
	submodulesScript,
	deployedCommitsScript,
	movingTagsScript,
	versionScript,
	registryScript,
].join('\n');

const lines = (list: readonly string[]): string => list.join('\n');

/** Returns the environment that `deploymentFunctions` read, with `project`. */
export const deploymentEnvironment = (deployment: Deployment): Record<string, string> => ({
	project: deployment.project,
	compose_directory: deployment.directory,
	compose_files: lines(deployment.files),
	compose_finds_files: deployment.findsFiles ? '1' : '',
	compose_env_files: lines(deployment.envFiles),
	compose_profiles: lines(deployment.profiles),
	compose_adds_profiles: deployment.addsProfiles ? '1' : '',
	compose_command: deployment.command,
	folderless: deployment.hasFolder ? '' : '1',
});

/** Returns the deployment in the form that plans and scripts use. */
export const identityOf = (deployment: Deployment): DeploymentIdentity => ({
	project: deployment.project,
	environment: deploymentEnvironment(deployment),
	...(deployment.unknown !== undefined && { unknown: deployment.unknown }),
});

/** Returns the deployment assumed when the host cannot be asked: from the config alone. */
const assumedDeployment = (target: DeploymentTarget, unknown: string): Deployment => ({
	project: target.project,
	projectFrom: target.projectGiven ? 'config' : 'folder',
	directory: target.directory,
	files: (target.compose?.files ?? []).map((file) => absolute(target.directory, file)),
	filesFrom: target.compose?.files.length ? 'config' : 'compose',
	findsFiles: false,
	envFiles: (target.compose?.envFiles ?? []).map((file) => absolute(target.directory, file)),
	profiles: target.compose?.profiles ?? [],
	addsProfiles: false,
	command: target.compose?.command === undefined ? '' : absolute(target.directory, target.compose.command),
	containers: 0,
	conflicts: [],
	hasFolder: true,
	stopLimits: [],
	unset: [],
	unknown,
});

const absolute = (directory: string, path: string): string =>
	path.startsWith('/') ? path : `${directory.replace(/\/+$/, '')}/${path.replace(/^\.\//, '')}`;

/** Parses the output of identity.sh: lines of NAME TAB VALUE. */
export const parseDeployment = (target: DeploymentTarget, text: string): Deployment => {
	const values = new Map<string, string[]>();
	for (const line of text.split('\n')) {
		const at = line.indexOf('\t');
		if (at > 0) {
			const name = line.slice(0, at);
			values.set(name, [...(values.get(name) ?? []), line.slice(at + 1)]);
		}
	}
	const all = (name: string): readonly string[] => (values.get(name) ?? []).filter((value) => value !== '');
	const one = (name: string): string | undefined => all(name)[0];
	const [project, own] = [one('project'), one('own_command')];
	if (project === undefined) {
		return assumedDeployment(target, one('unknown') ?? 'the host did not say what is deployed');
	}
	return {
		project,
		projectFrom: (one('project_from') ?? 'folder') as Deployment['projectFrom'],
		directory: one('compose_directory') ?? target.directory,
		files: all('compose_files'),
		filesFrom: (one('files_from') ?? 'compose') as Deployment['filesFrom'],
		findsFiles: one('compose_finds_files') === '1',
		envFiles: all('compose_env_files'),
		profiles: all('compose_profiles'),
		addsProfiles: one('compose_adds_profiles') === '1',
		command: one('compose_command') ?? '',
		containers: Number(one('containers') ?? 0),
		conflicts: all('conflict'),
		hasFolder: one('folder') !== 'absent',
		stopLimits: all('stop_limit'),
		unset: all('unset'),
		...(one('only_containers') !== undefined && { onlyContainers: one('only_containers') }),
		...(own !== undefined && { ownCommand: { path: own, passesOn: one('passes_on') === 'yes' } }),
		...(one('unreadable') !== undefined && { unreadable: one('unreadable') }),
	};
};

/** Returns the script and environment for `identify` of identity.sh. */
export const identityQuestion = ({ directory, project, projectGiven, compose }: DeploymentTarget) => ({
	script: [deploymentScript, absentFolder, podmanLimits, identityFiles, identityScript].join('\n'),
	environment: {
		directory,
		config_project: projectGiven ? project : '',
		config_compose_files: lines(compose?.files ?? []),
		config_compose_env_files: lines(compose?.envFiles ?? []),
		config_compose_profiles: lines(compose?.profiles ?? []),
		config_compose_command: compose?.command ?? '',
		fallback_project: project,
	},
});

/**
 * Asks the host what a target's deployment is. Rejects only with the signal's reason: if the host does not answer, `unknown` says so,
 * and the rest comes from the config.
 */
export const findDeployment = async (
	host: Host,
	target: DeploymentTarget,
	signal?: AbortSignal,
): Promise<Deployment> => {
	const { script, environment } = identityQuestion(target);
	try {
		const { stdout } = await runScript(host, 'identify', {
			purpose: 'say what is deployed',
			prelude: [script],
			environment,
			anyExit: true,
			signal,
			timeoutMs: 60_000,
		});
		return parseDeployment(target, stdout);
	} catch (error) {
		signal?.throwIfAborted();
		return assumedDeployment(target, messageOf(error));
	}
};
