import { ConfigError } from '../../runbook/config-error.ts';
import { didYouMean } from '../../runbook/did-you-mean.ts';
import { parseYaml } from '../../runbook/load/parse.ts';
import {
	child,
	entriesOf,
	nearestNode,
	nodeAt,
	placeOf,
	problemAt,
	type TreeNode,
	textOf,
	valuePlace,
} from '../../runbook/load/tree.ts';
import { validate } from '../../runbook/load/validate.ts';
import type { Problem } from '../../runbook/problem.ts';
import { defaultProject, defaultStack, projectPattern, stackPattern } from '../../runbook/reserved-names.ts';
import type { Config, Target } from '../../runbook/runbook.ts';
import { type ConfigInput, configSchema, programsOf } from '../../runbook/schema/config.ts';
import { loadTree, type ReadRunbook, type RunbookOptions, type RunbookText, readReferred } from './load-runbook.ts';

export interface ConfigOptions {
	readonly readRunbook: ReadRunbook;
	/** Makes a path from the config absolute on this machine (`~/x`, `keys/x`). Default: unchanged. */
	readonly localPath?: (path: string) => string;
}

const checkTargets = (root: TreeNode, problems: Problem[]): void => {
	const names = new Set(entriesOf(child(root, 'targets')).map(([name]) => name));
	const chosen = child(root, 'default');
	if (chosen?.kind === 'scalar' && typeof chosen.value === 'string' && names.size > 0 && !names.has(chosen.value)) {
		problems.push(
			problemAt(chosen.place, `unknown target "${chosen.value}"${didYouMean(chosen.value, names, 'known targets')}`),
		);
	}
	for (const [, target] of entriesOf(child(root, 'targets'))) {
		checkNames(target, problems);
	}
};

/** Reports keys that are not for the target's engine, and one that it needs. */
const checkEngineKeys = (target: TreeNode, engine: string, problems: Problem[]): void => {
	const [compose, kubernetes, project] = [
		child(target, 'compose'),
		child(target, 'kubernetes'),
		child(target, 'project'),
	];
	if (engine !== 'compose' && compose !== undefined) {
		const whose = engine === 'swarm' ? 'which has the services themselves' : 'which has the workloads themselves';
		problems.push(problemAt(placeOf(compose), `compose is not for engine: ${engine}, ${whose}`));
	}
	if (engine !== 'kubernetes') {
		if (kubernetes !== undefined) {
			problems.push(problemAt(placeOf(kubernetes), 'kubernetes is for engine: kubernetes: set engine of this target'));
		}
		return;
	}
	if (kubernetes === undefined) {
		const missing = 'engine: kubernetes needs the namespace: add kubernetes: { namespace: NAME }';
		problems.push(problemAt(valuePlace(child(target, 'engine') ?? target), missing));
	}
	if (project !== undefined) {
		const rule = 'project is not for engine: kubernetes: namespace and selector name the deployment';
		problems.push(problemAt(placeOf(project), rule));
	}
};

/** Reports hosts that only a swarm has, and those that are named twice. */
const checkHosts = (target: TreeNode, isSwarm: boolean, problems: Problem[]): void => {
	const [hosts, workers] = [child(target, 'host'), child(target, 'workers')];
	if (hosts?.kind === 'list' && hosts.items.length > 1 && !isSwarm) {
		problems.push(problemAt(placeOf(hosts), 'only engine: swarm has several hosts, its managers: name one'));
	}
	if (workers !== undefined && !isSwarm) {
		problems.push(problemAt(placeOf(workers), 'workers is for engine: swarm: set engine of this target'));
	}
	const named = [hosts, workers].flatMap((node) =>
		node?.kind === 'list' ? node.items : node === undefined ? [] : [node],
	);
	for (const [at, item] of named.entries()) {
		if (named.findIndex((other) => textOf(other) === textOf(item)) < at) {
			problems.push(problemAt(placeOf(item), `the host ${textOf(item)} is named twice`));
		}
	}
};

/** Reports names that the target's engine does not take, and keys that are not for it. */
const checkNames = (target: TreeNode, problems: Problem[]): void => {
	const [directory, project] = [child(target, 'directory'), child(target, 'project')];
	const engine = textOf(child(target, 'engine')) ?? 'compose';
	const isSwarm = engine === 'swarm';
	checkEngineKeys(target, engine, problems);
	checkHosts(target, isSwarm, problems);
	if (engine === 'kubernetes') {
		return;
	}
	const name = textOf(project);
	if (project !== undefined) {
		const [what, pattern, letters] = isSwarm
			? ['the name of a stack', stackPattern, 'letters, digits']
			: ['a Compose project', projectPattern, 'a-z, 0-9'];
		if (name !== undefined && !pattern.test(name)) {
			const rule = `${what} is made of ${letters}, - and _, and begins with a letter or digit`;
			problems.push(problemAt(valuePlace(project), rule));
		}
		return;
	}
	const path = textOf(directory);
	if (directory === undefined || path?.startsWith('/') !== true) {
		return;
	}
	if (isSwarm ? !stackPattern.test(defaultStack(path)) : defaultProject(path) === '') {
		const what = isSwarm ? 'the name of a stack' : 'a project name';
		problems.push(problemAt(valuePlace(directory), `this directory does not give ${what}: set project`));
	}
};

const hostsOf = (host: string | readonly string[]): Pick<Target, 'host' | 'hosts'> => {
	const [first = '', ...others] = typeof host === 'string' ? [host] : host;
	return { host: first, ...(others.length > 0 && { hosts: [first, ...others] }) };
};

/** Returns the name of a target's deployment. */
const projectOf = ({ engine, project, directory, kubernetes }: ConfigInput['targets'][string]): string =>
	engine === 'kubernetes'
		? [kubernetes?.namespace, kubernetes?.selector].filter((part) => part !== undefined).join('/')
		: (project ?? (engine === 'swarm' ? defaultStack : defaultProject)(directory));

const loadTarget = (
	name: string,
	input: ConfigInput['targets'][string],
	root: TreeNode,
	file: string,
	options: ConfigOptions & Pick<RunbookOptions, 'trees'>,
	problems: Problem[],
): Target | undefined => {
	const node = nearestNode(root, ['targets', name, 'runbook']);
	const { engine } = input;
	const project = projectOf(input);
	const source: RunbookText | undefined = readReferred(
		node,
		input.runbook ?? engine,
		file,
		options.readRunbook,
		problems,
	);
	if (source === undefined) {
		return undefined;
	}
	const runbook = loadTree(
		source,
		{ readRunbook: options.readRunbook, trees: options.trees, target: { directory: input.directory, project } },
		nodeAt(root, ['targets', name, 'variables']),
		problems,
	);
	if (runbook === undefined) {
		return undefined;
	}
	const local = (path: string | undefined) => (path === undefined ? undefined : (options.localPath?.(path) ?? path));
	return {
		name,
		...hostsOf(input.host),
		...(input.workers !== undefined && { workers: input.workers }),
		directory: input.directory,
		...(engine !== 'compose' && { engine }),
		project,
		projectGiven: input.project !== undefined || engine === 'kubernetes',
		...(input.compose !== undefined && { compose: input.compose }),
		...(input.kubernetes !== undefined && { kubernetes: input.kubernetes }),
		runbook,
		badge: input.badge,
		readOnly: input.readOnly,
		state: input.state,
		runs: input.runs,
		...(input.blockFor !== undefined && { blockMs: input.blockFor }),
		...programsOf(input),
		ssh: {
			identityFile: local(input.identityFile),
			knownHosts: local(input.knownHosts),
			configFile: local(input.sshConfig),
			jump: input.jump,
			transport: input.transport,
		},
	};
};

/**
 * Loads the config with the runbooks of all its targets. Throws a ConfigError with every problem of the config, or, if there are none,
 * every problem of the runbooks.
 */
export const loadConfig = (text: string, file: string, options: ConfigOptions): Config => {
	const problems: Problem[] = [];
	const root = parseYaml(text, file, problems);
	if (root === undefined) {
		throw new ConfigError(problems);
	}
	if (root.kind !== 'map') {
		throw new ConfigError([problemAt(root.place, 'expected a config: a mapping with targets')]);
	}
	checkTargets(root, problems);
	const value = validate(configSchema, root, problems);
	if (value === undefined || problems.length > 0) {
		throw new ConfigError(problems);
	}
	const shared = { ...options, trees: new Map() };
	const targets = Object.entries(value.targets).flatMap(
		([name, input]) => loadTarget(name, input, root, file, shared, problems) ?? [],
	);
	const first = targets[0];
	if (first === undefined || problems.length > 0) {
		throw new ConfigError(
			problems.length > 0 ? problems : [problemAt(placeOf(root), 'there must be at least one target')],
		);
	}
	return {
		file,
		targets,
		defaultTarget: value.default ?? first.name,
		...(value.default === undefined && targets.length > 1 && { noDefault: true }),
		...(value.theme !== undefined && { theme: value.theme }),
		...(value.screenReader !== undefined && { screenReader: value.screenReader }),
		...(value.notify !== undefined && { notify: value.notify }),
	};
};

const configKeys = ['targets', 'default', 'theme', 'notify', 'screenReader'];
const runbookKeys = ['title', 'extends', 'procedures', 'checks', 'monitors', 'scripts', 'variables'];

/**
 * Says if a text is a config or a runbook: from its keys, and from the file's name if they do not tell. Undefined when it is readable
 * YAML and neither tells.
 */
export const kindOfFile = (text: string, file: string): 'config' | 'runbook' | undefined => {
	const root = parseYaml(text, file, []);
	const hasOne = (keys: readonly string[]) => keys.some((key) => child(root, key) !== undefined);
	if (hasOne(configKeys)) {
		return 'config';
	}
	if (hasOne(runbookKeys)) {
		return 'runbook';
	}
	return /(?:^|[\\/])backout\.ya?ml$/.test(file) ? 'config' : root === undefined ? 'runbook' : undefined;
};
