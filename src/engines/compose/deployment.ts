import type { DeploymentIdentity, DeploymentOptions } from '../../engine/deployment.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import absentFolder from '../../services/runner/host/absent-folder.sh';
import configSourceScript from './config-source.sh';
import deployedCommitsScript from './deployed-commits.sh';
import deploymentScript from './deployment.sh';
import holdScript from './hold.sh';
import identityScript from './identity.sh';
import movingTagsScript from './moving-tags.sh';
import startOrderScript from './start-order.sh';
import versionScript from './version.sh';

/** How Compose is to be called, where the config says it. Paths are absolute, or relative to the target's directory. */
export interface ComposeSettings {
	readonly files: readonly string[];
	readonly envFiles: readonly string[];
	readonly profiles: readonly string[];
	/** A program that is called in place of `docker compose`, with the same arguments. */
	readonly command?: string;
}

/** What a deployment is: how its own containers were made, and how Compose has to be called for it. See identity.sh. */
export interface Deployment {
	readonly project: string;
	/** Source of the project's name: the config, the containers, Compose through its file or .env, or the folder's name. */
	readonly projectFrom: 'config' | 'containers' | 'compose' | 'folder';
	/** The project directory, absolute; every symbolic link resolved. */
	readonly directory: string;
	/** The Compose files, absolute, in order; empty: those that Compose finds by itself. */
	readonly files: readonly string[];
	readonly filesFrom: 'config' | 'containers' | 'compose';
	readonly envFiles: readonly string[];
	readonly profiles: readonly string[];
	/** Absolute; empty: `docker compose`. */
	readonly command: string;
	/** How many containers the project has, stopped ones too. */
	readonly containers: number;
	/** Why nothing that needs Compose may be changed: config, folder and containers contradict each other. Sentences. */
	readonly conflicts: readonly string[];
	/** False: the directory is not on the host, though containers say that they were made in it. A tool keeps it inside of itself. */
	readonly hasFolder: boolean;
	/** Variables that the Compose files use and nothing sets: Compose uses an empty value for each. */
	readonly unset: readonly string[];
	/** A program in the folder that calls Compose, where an env file is gone that some program made. Nobody has called it. */
	readonly ownCommand?: {
		/** Relative to the directory. */
		readonly path: string;
		/** It gives its arguments on to Compose, as far as its text shows. */
		readonly passesOn: boolean;
	};
	/** What Compose said of files that it cannot read, one line, without values. */
	readonly unreadable?: string;
	/** Why none of this is known: Docker does not answer. The rest is then a guess from the config. */
	readonly unknown?: string;
}

/** The part of a target that says what its deployment is. */
export type DeploymentTarget = Pick<Target, 'directory' | 'project' | 'projectGiven' | 'compose'>;

/** POSIX sh functions that every script of a deployment gets: `compose`, `compose_in`, `engine`, `containers_of`, `stop_and_hold`, `release`, `start_in_order`. */
export const deploymentFunctions: string = [
	deploymentScript,
	configSourceScript,
	holdScript,
	startOrderScript,
	deployedCommitsScript,
	movingTagsScript,
	versionScript,
].join('\n');

const lines = (list: readonly string[]): string => list.join('\n');

/** The environment that `deploymentFunctions` read, with `project`. */
export const deploymentEnvironment = (deployment: Deployment): Record<string, string> => ({
	project: deployment.project,
	compose_directory: deployment.directory,
	compose_files: lines(deployment.files),
	compose_env_files: lines(deployment.envFiles),
	compose_profiles: lines(deployment.profiles),
	compose_command: deployment.command,
	folderless: deployment.hasFolder ? '' : '1',
});

/** The same as plans and scripts see it. */
export const identityOf = (deployment: Deployment): DeploymentIdentity => ({
	project: deployment.project,
	environment: deploymentEnvironment(deployment),
	...(deployment.unknown !== undefined && { unknown: deployment.unknown }),
});

/** What is assumed where the host cannot be asked: the config alone. */
export const assumedDeployment = (target: DeploymentTarget, unknown: string): Deployment => ({
	project: target.project,
	projectFrom: target.projectGiven ? 'config' : 'folder',
	directory: target.directory,
	files: (target.compose?.files ?? []).map((file) => absolute(target.directory, file)),
	filesFrom: target.compose?.files.length ? 'config' : 'compose',
	envFiles: (target.compose?.envFiles ?? []).map((file) => absolute(target.directory, file)),
	profiles: target.compose?.profiles ?? [],
	command: target.compose?.command === undefined ? '' : absolute(target.directory, target.compose.command),
	containers: 0,
	conflicts: [],
	hasFolder: true,
	unset: [],
	unknown,
});

const absolute = (directory: string, path: string): string =>
	path.startsWith('/') ? path : `${directory.replace(/\/+$/, '')}/${path.replace(/^\.\//, '')}`;

/** Reads what identity.sh printed: lines of NAME TAB VALUE. */
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
		envFiles: all('compose_env_files'),
		profiles: all('compose_profiles'),
		command: one('compose_command') ?? '',
		containers: Number(one('containers') ?? 0),
		conflicts: all('conflict'),
		hasFolder: one('folder') !== 'absent',
		unset: all('unset'),
		...(own !== undefined && { ownCommand: { path: own, passesOn: one('passes_on') === 'yes' } }),
		...(one('unreadable') !== undefined && { unreadable: one('unreadable') }),
	};
};

/** What `identify` of identity.sh is asked with: the functions, and the environment that they read. */
export const identityQuestion = ({ directory, project, projectGiven, compose }: DeploymentTarget) => ({
	script: `${deploymentScript}\n${absentFolder}\n${identityScript}`,
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
 * Asks the host what the deployment of a target is. Never rejects but with the signal's reason: where the host does not
 * answer, `unknown` says so, and the rest is what the config alone says.
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

interface Memory {
	readonly at: number;
	readonly answer: Promise<Deployment>;
}

const memories = new WeakMap<Host, WeakMap<DeploymentTarget, Memory>>();

/** How long an answer serves scripts that only read. A plan asks anew. */
const freshMs = 30_000;

/**
 * As `findDeployment`, asked once for all who want to know within half a minute, by connection and target.
 */
export const deploymentOf = (
	host: Host,
	target: DeploymentTarget,
	{ signal, fresh = false }: DeploymentOptions = {},
): Promise<Deployment> => {
	const known = memories.get(host) ?? new WeakMap<DeploymentTarget, Memory>();
	memories.set(host, known);
	const before = known.get(target);
	if (!fresh && before !== undefined && performance.now() - before.at < freshMs) {
		return before.answer;
	}
	const answer = findDeployment(host, target, signal);
	const mine = { at: performance.now(), answer };
	known.set(target, mine);
	const forget = () => {
		if (known.get(target) === mine) {
			known.delete(target);
		}
	};
	answer.then(({ unknown }) => {
		if (unknown !== undefined) {
			forget();
		}
	}, forget);
	return answer;
};
