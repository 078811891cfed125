import { mainService, type Survey, type SurveyedPort, type SurveyedService } from '../../../runbook/survey.ts';
import { createPortVariables, portRoles } from '../../../runbook/survey-ports.ts';
import { indented, literal, scalar } from '../../../runbook/yaml-text.ts';
import type { Host } from '../../../services/host/host.ts';
import quietGit from '../../../services/host/quiet-git.sh';
import { runScript } from '../../../services/host/run-script.ts';
import type { EngineSurvey, FoundDeployment, TargetFacts } from '../../../services/survey/engine-survey.ts';
import { probePort } from '../../../services/survey/ports.ts';
import { configBegin, sshLines, sudoLines, targetEnd } from '../../docker/config-text.ts';
import { createDocker } from '../../docker/docker.ts';
import { imageOf, isJob, serviceName } from '../names.ts';
import type { RawService } from '../raw.ts';
import { createSnapshotReader } from '../snapshot.ts';
import listScript from './stacks.sh';

const gitScript = `${quietGit}
quiet_git
cd -- "$directory" 2>/dev/null || exit 4
git --no-optional-locks rev-parse --verify -q HEAD >/dev/null 2>&1 || exit 0
printf '%s\\t%s\\n' "$(git symbolic-ref -q --short HEAD)" "$(git rev-parse --abbrev-ref --symbolic-full-name '@{upstream}' 2>/dev/null)"
`;

const list = async (host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]> => {
	const how = { purpose: 'list the stacks', anyExit: true, signal, timeoutMs: 60_000 };
	const { stdout } = await runScript(host, listScript, how);
	return stdout.split('\n').flatMap((line) => {
		const [name = '', services = '', directory = ''] = line.split('\t');
		return name === '' ? [] : [{ name, directory, containers: Number(services), isGuess: true as const }];
	});
};

/** Variables that name a database. No others are read: they may be secrets. */
const keptVariables = /^(POSTGRES_(?:DB|USER))=(.*)$/s;

const toSurveyed = (service: RawService, stack: string): SurveyedService => {
	const { ContainerSpec: spec } = service.Spec?.TaskTemplate ?? {};
	const ports = service.Spec?.EndpointSpec?.Ports ?? [];
	return {
		name: serviceName(service, stack),
		image: imageOf(service.Spec?.TaskTemplate),
		built: false,
		healthCheck: (spec?.Healthcheck?.Test ?? [])[0] !== undefined && spec?.Healthcheck?.Test?.[0] !== 'NONE',
		environment: Object.fromEntries(
			(spec?.Env ?? []).flatMap((text) => {
				const [, name, value = ''] = keptVariables.exec(text) ?? [];
				return name === undefined ? [] : [[name, value]];
			}),
		),
		ports: ports.flatMap(({ Protocol, PublishedPort }) =>
			Protocol === 'tcp' && PublishedPort !== undefined ? [PublishedPort] : [],
		),
		isJob: isJob(service),
	};
};

const read = async (
	host: Host,
	{ name, directory }: Pick<FoundDeployment, 'name' | 'directory'>,
	signal: AbortSignal,
): Promise<Survey> => {
	const [snapshot, git] = await Promise.all([
		createSnapshotReader(createDocker(host), name).read(signal),
		runScript(host, gitScript, { purpose: 'read git', environment: { directory }, anyExit: true, signal }),
	]);
	const services = snapshot.services
		.map((service) => toSurveyed(service, name))
		.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	const ports: SurveyedPort[] = await Promise.all(
		services.flatMap((service) => service.ports.map((port) => probePort(host, service.name, { port }, signal))),
	);
	const [branch = '', upstream = ''] = git.stdout.trim() === '' ? [] : git.stdout.trimEnd().split('\t');
	return {
		project: name,
		directory,
		services,
		ports,
		...(git.stdout.trim() !== '' && { git: { branch, upstream } }),
		backups: [],
		hasFolder: true,
		conflicts:
			git.code === 4
				? [`There is no folder ${directory} on the host: set directory in the config to that of the stack file.`]
				: git.stdout.trim() === ''
					? [`${directory} is no git clone: if the stack file is elsewhere, set directory in the config.`]
					: [],
	};
};

/** Returns the text of a runbook, which extends the generic one for stacks. */
const writeRunbook = (survey: Survey): string => {
	const service = mainService(survey)?.name ?? survey.services[0]?.name ?? 'app';
	const ports = createPortVariables();
	const [health] = portRoles(survey.ports, service).health;
	const url = health && `'http://127.0.0.1:\${${ports.use(health, 'health')}}${health.health}'`;
	const variables = [`service: ${literal(service)}`, ...ports.lines];
	const monitors = [
		...(health === undefined ? [] : ['health:', `  - { name: ${literal(health.service)}, url: ${url} }`]),
		`log: { service: '\${service}', pattern: '\\b(\\w*error|fatal|traceback)\\b' }`,
		...(survey.git === undefined ? ['commit: false'] : []),
	];
	const checks = `checks:\n  health: { title: Health endpoint, kind: http, url: ${url} }\n`;
	const none = '# No endpoint was found that says how it is: add one, and name it in verification.checks.\n';
	return `# The runbook of the stack ${JSON.stringify(survey.project)}, written from what was found on a manager. It is yours now: change what is wrong.
# It builds on the generic runbook for stacks, which brings the procedures: \`backout procedures\`.
# \`backout check FILE\` says whether it is right.

extends: swarm
title: ${literal(survey.project)}

# The service that is rolled back. With order: 'database web' a whole stack is put back in that order.
variables:
${indented(variables, '  ')}
# What is watched, beside the tasks, the nodes, the disk and the deployed commit.
monitors:
${indented(monitors, '  ')}
# What proves that it is well, all at once for the settling time.
${health === undefined ? none : checks}verification: { checks: [containers, converged${health === undefined ? '' : ', health'}], settle: 30s, deadline: 10m }
`;
};

/** Returns the text of a config with one target. */
const writeConfig = (target: TargetFacts): string => `${configBegin}
targets:
  ${scalar(target.name)}:
    # A manager of the swarm: [user@]host[:port], a Host of ~/.ssh/config, or \`local\` for this machine. Or a list of managers: the first
    # that answers is asked.
    host: ${scalar(target.host)}
    engine: swarm
    # The name of the stack, and the folder of its stack file on the manager.
    project: ${scalar(target.project)}
    directory: ${scalar(target.directory)}
${sudoLines(target)}    runbook: ${scalar(target.runbook)}
${sshLines(target, '')}${targetEnd}`;

/** Reads the stacks of a swarm by way of a manager, surveys one, and writes the files of `init` for it. */
export const swarmSurvey: EngineSurvey = {
	deployments: 'stack',
	list,
	// The survey of Compose asks it, of the same Docker.
	bySudo: async () => false,
	read,
	runbook: writeRunbook,
	config: writeConfig,
};
