import type { ComposeModel, ModelResource, ModelService } from './model.ts';
import { asRecord, asText, itemsOf, listOf } from './model-values.ts';

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '');

/**
 * Returns the paths at which Compose mounts configs, or secrets: at their names, below `/` or `/run/secrets`, unless a target is given
 * (docs.docker.com/reference/compose-file/services, configs and secrets).
 */
const targetsBelow = (folder: string, value: unknown): readonly string[] =>
	itemsOf(value).flatMap((one) => {
		const { source, target } = typeof one === 'string' ? { source: one, target: undefined } : asRecord(one);
		const path = asText(target) || asText(source);
		return path === undefined ? [] : [path.startsWith('/') ? path : `${folder}${path}`];
	});

/**
 * Returns the paths at which a new container of a service has something mounted: its own mounts, its configs and secrets, and what it
 * takes from other services (`volumes_from`). Undefined where it takes the mounts of a container that is not the project's: which they are
 * is not in the model.
 */
export const mountTargets = (
	service: ModelService,
	{ services }: Pick<ComposeModel, 'services'>,
	seen: ReadonlySet<string> = new Set(),
): ReadonlySet<string> | undefined => {
	const targets = [
		...service.mounts.map(({ target }) => target),
		...targetsBelow('/', service.raw.configs),
		...targetsBelow('/run/secrets/', service.raw.secrets),
	].map(withoutSlash);
	for (const from of listOf(service.raw.volumes_from)) {
		const [name = ''] = from.split(':');
		const other = services.find((one) => one.name === name);
		const taken =
			other === undefined || seen.has(name) ? undefined : mountTargets(other, { services }, new Set([...seen, name]));
		if (taken === undefined) {
			return undefined;
		}
		targets.push(...taken);
	}
	return new Set(targets);
};

/** Returns what Compose mounts where, by the path in the container, in the words of a container's facts: `volume shop_data`, `bind /srv/data`. */
export const mountSources = (
	service: ModelService,
	{ volumes }: Pick<ComposeModel, 'volumes'>,
): ReadonlyMap<string, string> =>
	new Map(
		service.mounts.flatMap(({ type, source, target }) => {
			if (source === undefined || !['bind', 'volume'].includes(type)) {
				return [];
			}
			const name = type === 'bind' ? source : volumes.find(({ key }) => key === source)?.name;
			return name === undefined ? [] : [[withoutSlash(target), `${type} ${name}`] as const];
		}),
	);

const configsAndSecrets = (
	{ configs, secrets }: ModelService,
	model: Pick<ComposeModel, 'configs' | 'secrets'>,
): readonly ModelResource[] => [
	...model.configs.filter(({ key }) => configs.includes(key)),
	...model.secrets.filter(({ key }) => secrets.includes(key)),
];

/**
 * Returns the files and folders of the host that a new container of a service has mounted, absolute: bind mounts, volumes that are a folder of
 * the host, configs and secrets.
 */
export const mountedFiles = (
	service: ModelService,
	model: Pick<ComposeModel, 'volumes' | 'configs' | 'secrets'>,
): readonly string[] => [
	...service.mounts.flatMap(({ type, source }) => (type === 'bind' && source !== undefined ? [source] : [])),
	...service.mounts.flatMap(
		({ type, source }) => (type === 'volume' && model.volumes.find(({ key }) => key === source)?.device) || [],
	),
	...configsAndSecrets(service, model).flatMap(({ file }) => file ?? []),
];

/**
 * Returns the configs and secrets of a service that are no files: their text is in the Compose file, or in a variable. Compose copies it into a
 * new container, and leaves it out of its hash (seen with 2.26).
 */
export const copiedTexts = (
	service: ModelService,
	model: Pick<ComposeModel, 'configs' | 'secrets'>,
): readonly ModelResource[] =>
	configsAndSecrets(service, model).filter(({ file, external }) => file === undefined && !external);
