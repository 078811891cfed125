import type { Finding } from '../../../runbook/finding.ts';
import type { Target } from '../../../runbook/runbook.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';
import type { Deployment } from '../deployment.ts';

const saidBy: Readonly<Record<Deployment['projectFrom'], string>> = {
	config: 'by the config',
	containers: 'by its containers',
	compose: 'by its Compose file or .env',
	folder: "by its folder's name",
};

const below = (directory: string, path: string): string =>
	path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;

/** Describes the deployment in one line: project, folder, Compose files, env files, profiles, command, and the source of each. */
const inWords = ({
	project,
	projectFrom,
	directory,
	files,
	filesFrom,
	envFiles,
	profiles,
	command,
	containers,
	hasFolder,
}: Deployment): string => {
	const list = (paths: readonly string[]) => paths.map((path) => below(directory, path)).join(', ');
	return [
		`project ${project} (${saidBy[projectFrom]})`,
		`${containers === 1 ? '1 container' : `${containers} containers`}`,
		`folder ${directory}${hasFolder ? '' : ' (not on this host)'}`,
		files.length === 0
			? 'the Compose file that Compose finds there'
			: `Compose files ${list(files)} (${filesFrom === 'config' ? 'by the config' : 'by its containers'})`,
		envFiles.length === 0 ? '' : `env files ${list(envFiles)}`,
		profiles.length === 0 ? '' : `profiles ${profiles.join(', ')}`,
		command === '' ? '' : `called through ${below(directory, command)}`,
	]
		.filter((part) => part !== '')
		.join('; ');
};

/** Names the key of the config that settles a conflict, if the sentence does not. */
const fixOf = (conflict: string, { name }: Pick<Target, 'name'>, { hasFolder }: Deployment): string => {
	const key = /\b(project|compose\.files|compose\.command|directory) of this target/.exec(conflict)?.[1];
	if (key !== undefined) {
		return `Set targets.${name}.${key} in the config.`;
	}
	if (!hasFolder || /inside the tool/.test(conflict)) {
		return 'Watch, stop, start and restart it from here, or choose another image; change everything else in the tool that manages it.';
	}
	if (/env file .* cannot be read/.test(conflict)) {
		return 'Connect as a user who can read it, or give this user access: ls -l on the host.';
	}
	if (/Compose file/.test(conflict)) {
		return `Set targets.${name}.compose.files in the config to the files that it is deployed with.`;
	}
	return /project is/.test(conflict)
		? `Correct targets.${name}.project, or targets.${name}.directory, in the config.`
		: `Correct targets.${name}.directory in the config.`;
};

/** Splits what identity.sh says about Podman into the fact and what to do about it. */
const splitFix = (sentence: string): readonly [string, string] => {
	const at = sentence.indexOf(': ');
	return [sentence.slice(0, at), `${sentence.charAt(at + 2).toUpperCase()}${sentence.slice(at + 3)}.`];
};

/** Judges the result of findDeployment. Pure. */
export const judgeDeployment = (deployment: Deployment, target: Pick<Target, 'name'>): readonly Finding[] => {
	const { unknown, conflicts, unreadable, unset, hasFolder, onlyContainers, directory, command } = deployment;
	if (unknown !== undefined) {
		return [hostFinding('deployment', 'Deployment', 'unknown', unknown, 'Fix this, then run doctor again.')];
	}
	const called = command === '' ? 'docker compose' : below(directory, command);
	return [
		hostFinding('deployment', 'Deployment', 'ok', inWords(deployment)),
		...conflicts.map((conflict) =>
			hostFinding(
				'deployment-conflict',
				'Deployment',
				hasFolder ? 'failed' : 'warn',
				conflict,
				fixOf(conflict, target, deployment),
			),
		),
		...(onlyContainers === undefined ? [] : [hostFinding('podman', 'Podman', 'warn', ...splitFix(onlyContainers))]),
		...(!hasFolder
			? []
			: [
					unreadable === undefined
						? hostFinding('compose-file', 'Compose file', 'ok', 'parses')
						: hostFinding(
								'compose-file',
								'Compose file',
								'failed',
								unreadable,
								`For the full message: cd ${directory} && ${called} config -q. The procedure config-error puts an earlier file back.`,
							),
				]),
		...(unset.length === 0
			? []
			: [
					hostFinding(
						'unset-variables',
						'Variables',
						'warn',
						`nothing sets ${unset.join(', ')}: Compose uses an empty value for ${unset.length === 1 ? 'it' : 'each'}`,
						'Set it in .env or in the env file that the deployment is started with; if it may be empty, write ${NAME:-} in the Compose file.',
					),
				]),
	];
};
