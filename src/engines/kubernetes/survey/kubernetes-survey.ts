import type { Survey, SurveyedService } from '../../../runbook/survey.ts';
import { mainService } from '../../../runbook/survey.ts';
import { indented, literal, scalar } from '../../../runbook/yaml-text.ts';
import type { Host } from '../../../services/host/host.ts';
import quietGit from '../../../services/host/quiet-git.sh';
import { runScript } from '../../../services/host/run-script.ts';
import type { EngineSurvey, FoundDeployment, TargetFacts } from '../../../services/survey/engine-survey.ts';
import { configBegin, sshLines, targetEnd } from '../../docker/config-text.ts';
import kubectl from '../kubectl.sh';
import { hasProbe, mainContainer, workloadName } from '../names.ts';
import { placeOf } from '../place.ts';
import type { RawWorkload } from '../raw.ts';
import { createSnapshotReader, type Snapshot } from '../snapshot.ts';
import listScript from './namespaces.sh';

const gitScript = `${quietGit}
quiet_git
cd -- "$directory" 2>/dev/null || exit 4
git --no-optional-locks rev-parse --verify -q HEAD >/dev/null 2>&1 || exit 0
printf '%s\\t%s\\n' "$(git symbolic-ref -q --short HEAD)" "$(git rev-parse --abbrev-ref --symbolic-full-name '@{upstream}' 2>/dev/null)"
`;

/** The label that Helm gives all that belongs to a release; many charts and manifests have it. */
const releaseLabel = 'app.kubernetes.io/instance';

/** Returns what namespaces.sh has found: a namespace as a whole, or its releases where it has several. */
export const readNamespaces = (text: string): readonly FoundDeployment[] => {
	const rows = text.split('\n').flatMap((line) => {
		const [namespace = '', release = '', count = '', directory = ''] = line.split('\t');
		return namespace === '' ? [] : [{ namespace, release, count: Number(count), directory }];
	});
	return [...new Set(rows.map(({ namespace }) => namespace))].flatMap((namespace) => {
		const own = rows.filter((row) => row.namespace === namespace);
		const directory = own[0]?.directory ?? '/';
		const whole = {
			name: namespace,
			directory,
			containers: own.reduce((sum, { count }) => sum + count, 0),
			isGuess: true as const,
		};
		const releases = own.filter(({ release }) => release !== '-');
		return own.length === 1
			? [whole]
			: [
					whole,
					...releases.map(({ release, count }) => ({
						name: `${namespace}/${releaseLabel}=${release}`,
						directory,
						containers: count,
						isGuess: true as const,
					})),
				];
	});
};

const list = async (host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]> => {
	const { stdout } = await runScript(host, listScript, {
		purpose: 'list the namespaces',
		prelude: [kubectl],
		anyExit: true,
		signal,
		timeoutMs: 60_000,
	});
	return readNamespaces(stdout);
};

/** Variables that name a database. No others are read: they may be secrets. */
const keptVariables = /^POSTGRES_(?:DB|USER)$/;

const toSurveyed = (workload: RawWorkload, snapshot: Snapshot): SurveyedService => {
	const spec = workload.spec.template?.spec;
	const { image, env = [] } = mainContainer(spec) ?? { name: '' };
	return {
		name: workloadName(workload, snapshot),
		...(image !== undefined && { image }),
		built: false,
		healthCheck: hasProbe(spec),
		environment: Object.fromEntries(
			env.flatMap(({ name = '', value }) =>
				keptVariables.test(name) && value !== undefined ? [[name, value] as const] : [],
			),
		),
		// Ports of pods are not the host's.
		ports: [],
	};
};

const read = async (
	host: Host,
	{ name, directory }: Pick<FoundDeployment, 'name' | 'directory'>,
	signal: AbortSignal,
): Promise<Survey> => {
	const [snapshot, git] = await Promise.all([
		createSnapshotReader(host, placeOf({ project: name })).read(signal),
		runScript(host, gitScript, { purpose: 'read git', environment: { directory }, anyExit: true, signal }),
	]);
	const isClone = git.stdout.trim() !== '';
	const [branch = '', upstream = ''] = isClone ? git.stdout.trimEnd().split('\t') : [];
	return {
		project: name,
		directory,
		services: snapshot.workloads
			.map((workload) => toSurveyed(workload, snapshot))
			.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
		ports: [],
		...(isClone && { git: { branch, upstream } }),
		backups: [],
		hasFolder: true,
		conflicts:
			git.code === 4
				? [
						`There is no folder ${directory} on the host: set directory in the config to that of the manifests, or any other.`,
					]
				: [],
	};
};

/** Returns the text of a runbook, which extends the generic one for Kubernetes. */
const writeRunbook = (survey: Survey): string => {
	const service = mainService(survey)?.name ?? survey.services[0]?.name ?? 'app';
	const monitors = [
		`log: { service: '\${service}', pattern: '\\b(\\w*error|fatal|traceback)\\b' }`,
		...(survey.git === undefined ? ['commit: false'] : []),
	];
	return `# The runbook of ${JSON.stringify(survey.project)}, written from what was found in the cluster. It is yours now: change what is wrong.
# It builds on the generic runbook for Kubernetes, which brings the procedures: \`backout procedures\`.
# \`backout check FILE\` says whether it is right.

extends: kubernetes
title: ${literal(survey.project)}

# The workload that is rolled back.
variables:
${indented([`service: ${literal(service)}`], '  ')}
# What is watched, beside the pods, the nodes, the disk and the deployed commit.
monitors:
${indented(monitors, '  ')}
# What proves that it is well, all at once for the settling time. An endpoint that says how it is can be added under checks, with kind: http,
# and named here.
verification: { checks: [containers, converged], settle: 30s, deadline: 10m }
`;
};

/** Returns the text of a config with one target. */
const writeConfig = (target: TargetFacts): string => {
	const { namespace, selector } = placeOf({ project: target.project });
	const place = [
		`namespace: ${scalar(namespace)}`,
		...(selector === undefined ? [] : [`selector: ${scalar(selector)}`]),
	];
	return `${configBegin}
targets:
  ${scalar(target.name)}:
    # A host that has kubectl and reaches the cluster: [user@]host[:port], a Host of ~/.ssh/config, or \`local\` for this machine.
    host: ${scalar(target.host)}
    engine: kubernetes
    # The deployment: the workloads of a namespace, or those with these labels. If kubectl on the host has several clusters, add context.
    kubernetes: { ${place.join(', ')} }
    # The folder of the manifests on the host, or any other: runs start there.
    directory: ${scalar(target.directory)}
    runbook: ${scalar(target.runbook)}
${sshLines(target, '')}${targetEnd}`;
};

/** Reads what runs in the cluster that kubectl on a host reaches, surveys one deployment, and writes the files of `init` for it. */
export const kubernetesSurvey: EngineSurvey = {
	deployments: 'namespace',
	list,
	// kubectl reads a kubeconfig: whoever may read that needs no sudo.
	bySudo: async () => false,
	read,
	runbook: writeRunbook,
	config: writeConfig,
};
