import type { Host } from '../../../services/host/host.ts';
import { lastLineOf, runScript } from '../../../services/host/run-script.ts';
import { explainKubectl } from '../explain.ts';
import kubectl from '../kubectl.sh';
import { type ClusterPlace, placeVariables } from '../place.ts';
import script from './rights.sh';

/** What a login must be allowed to do for one purpose. */
export interface Right {
	readonly verb: string;
	readonly group: string;
	readonly resource: string;
	readonly subresource?: string;
	/** True for what belongs to the whole cluster. */
	readonly isClusterWide?: boolean;
}

/** What rights are for; without those of `reading` nothing works. */
export type Purpose =
	| 'reading'
	| 'events'
	| 'logs'
	| 'shells'
	| 'changes'
	| 'settings'
	| 'scaling'
	| 'lock'
	| 'nodes'
	| 'drain';

const of = (group: string, resources: readonly string[], verbs: readonly string[]): readonly Right[] =>
	resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));

const clusterWide = (rights: readonly Right[]): readonly Right[] =>
	rights.map((right) => ({ ...right, isClusterWide: true }));

const workloads = ['deployments', 'statefulsets', 'daemonsets'];

/** The rights by what they are for. */
export const rightsOf: Readonly<Record<Purpose, readonly Right[]>> = {
	reading: [
		...of('apps', [...workloads, 'replicasets', 'controllerrevisions'], ['list']),
		...of('', ['pods'], ['list', 'watch']),
	],
	events: of('', ['events'], ['list']),
	logs: [{ verb: 'get', group: '', resource: 'pods', subresource: 'log' }],
	shells: [{ verb: 'create', group: '', resource: 'pods', subresource: 'exec' }],
	changes: of('apps', workloads, ['get', 'patch']),
	settings: of('', ['configmaps', 'secrets'], ['get', 'list', 'create', 'patch']),
	scaling: of('autoscaling', ['horizontalpodautoscalers'], ['list']),
	lock: of('coordination.k8s.io', ['leases'], ['get', 'list', 'create', 'patch']),
	nodes: clusterWide(of('', ['nodes'], ['list'])),
	// A drain moves pods of all namespaces. It reads the daemon set of each pod that has one, and each pod until it is gone.
	drain: clusterWide([
		...of('', ['nodes'], ['get', 'patch']),
		...of('', ['pods'], ['get', 'list']),
		...of('apps', ['daemonsets'], ['get']),
		{ verb: 'create', group: '', resource: 'pods', subresource: 'eviction' },
	]),
};

const objectOf = ({ resource, subresource }: Right): string =>
	`${resource}${subresource === undefined ? '' : `/${subresource}`}`;

/** Says rights in words: `get and patch deployments and daemonsets; list pods`. */
export const rightsWords = (rights: readonly Right[]): string => {
	const objects = new Map<string, string>();
	for (const right of rights) {
		const before = objects.get(objectOf(right));
		objects.set(objectOf(right), before === undefined ? right.verb : `${before}, ${right.verb}`);
	}
	const and = (text: string) => text.replace(/, ([\w/]+)$/, ' and $1');
	return [...new Set(objects.values())]
		.map((verbs) => {
			const same = [...objects].filter(([, own]) => own === verbs).map(([object]) => object);
			return `${and(verbs)} ${and(same.join(', '))}`;
		})
		.join('; ');
};

/** Returns the rights of each purpose that this login does not have. Rejects when the API server does not say. */
export const readMissingRights = async (
	host: Host,
	place: ClusterPlace,
	signal?: AbortSignal,
): Promise<ReadonlyMap<Purpose, readonly Right[]>> => {
	const all = Object.entries(rightsOf) as [Purpose, readonly Right[]][];
	const namespaceOf = ({ isClusterWide }: Right): string => (isClusterWide === true ? '' : place.namespace);
	const line = (right: Right): string =>
		[right.verb, right.group || '-', right.resource, right.subresource ?? '-', namespaceOf(right) || '-'].join(' ');
	const { code, stdout, stderr } = await runScript(host, script, {
		purpose: 'say what this login may do',
		prelude: [kubectl],
		environment: { ...placeVariables(place), rights: all.flatMap(([, rights]) => rights.map(line)).join('\n') },
		anyExit: true,
		timeoutMs: 30_000,
		...(signal !== undefined && { signal }),
	});
	if (code !== 0) {
		throw explainKubectl(host.name, 'cannot read what this login may do', lastLineOf(stderr), code, place);
	}
	const allowed = new Set(
		stdout.split('\n').flatMap((text) => {
			const [is, verb, resource = '', namespace = ''] = text.split(' ');
			return is === 'true' ? [`${verb} ${resource.replace(/\/$/, '')} ${namespace}`] : [];
		}),
	);
	return new Map(
		all.map(([purpose, rights]) => [
			purpose,
			// A right in the namespace is none in the whole cluster.
			rights.filter((right) => !allowed.has(`${right.verb} ${objectOf(right)} ${namespaceOf(right)}`)),
		]),
	);
};
