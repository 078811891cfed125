import { BackoutError } from '../../runbook/errors.ts';
import {
	asBoolean,
	asNumber,
	asRecord,
	asText,
	type Dependency,
	dependenciesOf,
	environmentOf,
	listOf,
	type ModelMount,
	type ModelPort,
	mountsOf,
	namesOf,
	portsOf,
	type Values,
	wordsOf,
} from './model-values.ts';

export type { Dependency, ModelMount, ModelPort };

export interface ModelBuild {
	/** An absolute path, or a URL. */
	readonly context: string;
	/** Relative to the context, or absolute; missing when it is inline in the Compose file. */
	readonly dockerfile?: string;
	/** True when the Dockerfile is in the Compose file itself (`dockerfile_inline`). */
	readonly inline: boolean;
	readonly target?: string;
	readonly args: Readonly<Record<string, string | null>>;
	/** Other folders and images that the build reads, by name: absolute paths, URLs, `docker-image://…`, `service:…`. */
	readonly additionalContexts: Readonly<Record<string, string | null>>;
	readonly tags: readonly string[];
}

/** One service as Compose would run it: variables filled in, files merged, defaults added. */
export interface ModelService {
	readonly name: string;
	/** Image in the file, if given. */
	readonly image?: string;
	/** The same, or else the name that Compose gives the image: `PROJECT-SERVICE`, or `PROJECT_SERVICE` with COMPOSE_COMPATIBILITY. */
	readonly imageName: string;
	readonly build?: ModelBuild;
	/** The number of containers that there should be, 0 included. */
	readonly replicas: number;
	/** The name of its only container, if the file sets it. */
	readonly containerName?: string;
	/** All its profiles; the model has only services of profiles in use, and those without profiles. */
	readonly profiles: readonly string[];
	readonly dependsOn: readonly Dependency[];
	/** `no`, `always`, `unless-stopped` or `on-failure`, as Docker receives it: `deploy.restart_policy` included. */
	readonly restart: string;
	/** True when the files set it; false when `no` is only the default. */
	readonly restartGiven: boolean;
	/** `disabled`: no health check, whatever the image says. `given`: one from the files. Undefined: the image's own applies. */
	readonly healthcheck?: 'disabled' | 'given';
	readonly networkMode?: string;
	/** Keys in the model's networks. */
	readonly networks: readonly string[];
	/** Services whose network, process or IPC namespace, or volumes, it uses. It is recreated with them. */
	readonly shares: readonly string[];
	/** null: taken from the shell that calls Compose, which does not have it, so the variable is not set. */
	readonly environment: Readonly<Record<string, string | null>>;
	readonly mounts: readonly ModelMount[];
	readonly ports: readonly ModelPort[];
	/** Undefined: the command of the image. */
	readonly command?: readonly string[];
	/** Undefined: the entry point of the image. */
	readonly entrypoint?: readonly string[];
	readonly labels: Readonly<Record<string, string | null>>;
	readonly user?: string;
	readonly workingDir?: string;
	/** `always`, `missing`, `never`, `build`…; undefined: Compose's default. */
	readonly pullPolicy?: string;
	/** Keys of the configs and secrets that are mounted into it. */
	readonly configs: readonly string[];
	readonly secrets: readonly string[];
	/** Everything that Compose printed about it, to compare the keys that are not named above. */
	readonly raw: Values;
}

/** A volume, network, config or secret of the project. */
export interface ModelResource {
	/** The services' name for it. */
	readonly key: string;
	/** Docker's name for it. */
	readonly name: string;
	/** True when Compose does not create it: it has to exist already. */
	readonly external: boolean;
	/** Absolute path of the file of a config or secret. */
	readonly file?: string;
	/** The folder of the host that a volume is, absolute: that of a local one with `o: bind`. */
	readonly device?: string;
	/** The variable that has the text of a config or secret. */
	readonly variable?: string;
	/** All that Compose printed about it, as JSON, to compare it. */
	readonly definition: string;
}

/** Compose's model of a deployment's files: `docker compose config --format json`. */
export interface ComposeModel {
	readonly project: string;
	/** Services of the profiles in use and those without profiles, by name. */
	readonly services: readonly ModelService[];
	readonly volumes: readonly ModelResource[];
	readonly networks: readonly ModelResource[];
	readonly configs: readonly ModelResource[];
	readonly secrets: readonly ModelResource[];
}

/** Returns the restart policy that Compose gives to Docker: `deploy` wins over `restart`, and one without a condition is `no`. */
const restartOf = (service: Values): string => {
	const policy = asRecord(service.deploy).restart_policy;
	if (typeof policy === 'object' && policy !== null) {
		const condition = asText(asRecord(policy).condition) ?? 'no';
		return { none: 'no', any: 'always' }[condition] ?? condition;
	}
	// `on-failure:3` ends with the number of attempts.
	return (asText(service.restart) ?? 'no').split(':')[0] || 'no';
};

const healthcheckOf = (service: Values): ModelService['healthcheck'] => {
	if (service.healthcheck === undefined || service.healthcheck === null) {
		return undefined;
	}
	const { disable, test } = asRecord(service.healthcheck);
	return asBoolean(disable) || wordsOf(test)?.[0] === 'NONE' ? 'disabled' : 'given';
};

const buildOf = (service: Values): ModelBuild | undefined => {
	if (service.build === undefined || service.build === null) {
		return undefined;
	}
	const build = typeof service.build === 'string' ? { context: service.build } : asRecord(service.build);
	const inline = asText(build.dockerfile_inline) !== undefined;
	return {
		context: asText(build.context) ?? '.',
		dockerfile: inline ? undefined : (asText(build.dockerfile) ?? 'Dockerfile'),
		inline,
		target: asText(build.target),
		args: environmentOf(build.args),
		additionalContexts: environmentOf(build.additional_contexts),
		tags: listOf(build.tags),
	};
};

/**
 * Lists the services whose namespaces or volumes a service uses, which names them or their containers.
 *
 * @param owners the service of each container of the project, by the container's name
 */
const sharesOf = (service: Values, owners: ReadonlyMap<string, string>): readonly string[] => {
	const modes = [service.network_mode, service.pid, service.ipc].map((mode) => asText(mode) ?? '');
	const all = [...modes.filter((mode) => /^(service|container):/.test(mode)), ...listOf(service.volumes_from)];
	const named = all.flatMap((one) => {
		const [, kind = 'service', name = ''] = /^(?:(service|container):)?([^:]*)/.exec(one) ?? [];
		return kind === 'container' ? (owners.get(name) ?? []) : [name];
	});
	return [...new Set(named)];
};

/** Returns the names of the containers that Compose gives services with one container, with the service. */
const ownersOf = (project: string, services: Values): ReadonlyMap<string, string> =>
	new Map(
		Object.entries(services).flatMap(([name, value]) => {
			const given = asText(asRecord(value).container_name);
			const names = given === undefined ? [`${project}-${name}-1`, `${project}_${name}_1`] : [given];
			return names.map((one) => [one, name] as const);
		}),
	);

/** Returns the name that Compose gives the image of a service whose file gives none. @param images the names of all images of the model */
const defaultImage = (project: string, service: string, images: readonly string[]): string => {
	const names = [`${project}-${service}`, `${project}_${service}`];
	return names.find((name) => images.includes(name)) ?? `${project}-${service}`;
};

const serviceOf = (
	project: string,
	name: string,
	service: Values,
	owners: ReadonlyMap<string, string>,
	images: readonly string[],
): ModelService => ({
	name,
	image: asText(service.image),
	imageName: asText(service.image) ?? defaultImage(project, name, images),
	build: buildOf(service),
	replicas: asNumber(service.scale) ?? asNumber(asRecord(service.deploy).replicas) ?? 1,
	containerName: asText(service.container_name),
	profiles: listOf(service.profiles),
	dependsOn: dependenciesOf(service.depends_on),
	restart: restartOf(service),
	restartGiven:
		asText(service.restart) !== undefined ||
		asText(asRecord(asRecord(service.deploy).restart_policy).condition) !== undefined,
	healthcheck: healthcheckOf(service),
	networkMode: asText(service.network_mode),
	networks: namesOf(service.networks),
	shares: sharesOf(service, owners),
	environment: environmentOf(service.environment),
	mounts: [...mountsOf(service.volumes), ...tmpfsOf(service.tmpfs)],
	ports: portsOf(service.ports),
	command: wordsOf(service.command),
	entrypoint: wordsOf(service.entrypoint),
	labels: environmentOf(service.labels),
	user: asText(service.user),
	workingDir: asText(service.working_dir),
	pullPolicy: asText(service.pull_policy),
	configs: namesOf(service.configs),
	secrets: namesOf(service.secrets),
	raw: service,
});

const tmpfsOf = (value: unknown): readonly ModelMount[] =>
	(wordsOf(value) ?? []).map((one) => ({ type: 'tmpfs', target: one.split(':')[0] ?? one, readOnly: false }));

const deviceOf = ({ device, o }: Values): string | undefined => {
	const path = asText(device);
	return path?.startsWith('/') && /(^|,)r?bind(,|$)/.test(asText(o) ?? '') ? path : undefined;
};

const resourcesOf = (project: string, value: unknown): readonly ModelResource[] =>
	Object.entries(asRecord(value)).map(([key, one]) => {
		const resource = asRecord(one);
		return {
			key,
			name: asText(resource.name) ?? `${project}_${key}`,
			external: resource.external !== undefined && resource.external !== false && resource.external !== null,
			file: asText(resource.file),
			device: deviceOf(asRecord(resource.driver_opts)),
			variable: asText(resource.environment),
			definition: JSON.stringify(resource),
		};
	});

/**
 * Parses the output of `docker compose config --format json`.
 *
 * @param json its standard output. Compose writes `$$` for a dollar sign, since the text may be used as a Compose file again.
 * @param images the output of `docker compose config --images`, by line; without it images have the names that Compose gives by default
 * @throws BackoutError `failed` if it is not the JSON of a project
 */
export const parseModel = (json: string, images: readonly string[] = []): ComposeModel => {
	let whole: unknown;
	try {
		whole = JSON.parse(json.replaceAll('$$', '$'));
	} catch (cause) {
		throw new BackoutError('failed', 'docker compose config did not print JSON', { cause });
	}
	const { name, services, volumes, networks, configs, secrets } = asRecord(whole);
	if (typeof services !== 'object' || services === null || Array.isArray(services)) {
		throw new BackoutError('failed', 'docker compose config printed no services');
	}
	const project = asText(name) ?? '';
	const owners = ownersOf(project, asRecord(services));
	return {
		project,
		services: Object.entries(services)
			.map(([service, value]) => serviceOf(project, service, asRecord(value), owners, images))
			.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
		volumes: resourcesOf(project, volumes),
		networks: resourcesOf(project, networks),
		configs: resourcesOf(project, configs),
		secrets: resourcesOf(project, secrets),
	};
};

/** Lists the jobs: services for whose successful end others wait. */
export const jobsOf = ({ services }: ComposeModel): ReadonlySet<string> =>
	new Set(
		services.flatMap(({ dependsOn }) =>
			dependsOn.filter(({ condition }) => condition === 'service_completed_successfully').map(({ service }) => service),
		),
	);
