import type { Engine } from '../docker/engine.ts';
import { type Container, labels } from '../docker/types.ts';
import type { Model } from './model.ts';
import { imageNameOf, type Project } from './project.ts';
import { configHash, type Service } from './service.ts';

/** What the played Compose says it is. */
export const composeVersion = '2.29.7';

/** The containers of a service, by their number; one-off ones excepted. */
export const containersOf = (engine: Engine, project: string, service: string): readonly Container[] =>
	engine
		.containers()
		.filter(
			(container) =>
				container.labels[labels.project] === project &&
				container.labels[labels.service] === service &&
				container.labels[labels.oneOff] === 'False',
		)
		.sort((a, b) => Number(a.labels[labels.number]) - Number(b.labels[labels.number]));

/** The services in the order in which they start. A service that is named needs no profile. */
export const inOrder = (project: Project, wanted: readonly string[], withDeps: boolean): readonly Service[] => {
	const found: Service[] = [];
	const add = (name: string) => {
		const service = project.all.find((one) => one.name === name);
		if (service === undefined) {
			throw new Error(`no such service: ${name}`);
		}
		if (withDeps) {
			for (const dependency of service.dependsOn) {
				add(dependency.service);
			}
		}
		if (!found.includes(service)) {
			found.push(service);
		}
	};
	const named = wanted.length === 0 ? project.services.map(({ name }) => name) : wanted;
	named.forEach(add);
	return found;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The labels that Compose gives to a container. */
const labelsOf = (project: Project, service: Service, image: string, number: number): Record<string, string> => ({
	...service.labels,
	[labels.hash]: configHash(service),
	[labels.number]: String(number),
	[labels.depends]: service.dependsOn.map((one) => `${one.service}:${one.condition}:${one.restart}`).join(','),
	[labels.image]: image,
	[labels.oneOff]: 'False',
	[labels.project]: project.name,
	[labels.files]: project.files.join(','),
	...(project.envFiles.length > 0 && { [labels.envFiles]: project.envFiles.join(',') }),
	[labels.folder]: project.folder,
	[labels.service]: service.name,
	[labels.version]: composeVersion,
});

export interface CreateOptions {
	readonly number?: number;
	/** A container that runs one command, as of `docker compose run`. */
	readonly once?: {
		readonly name: string;
		readonly command: readonly string[];
		readonly env: Readonly<Record<string, string>>;
	};
	/** The container that it takes the place of. */
	readonly replaced?: Container;
}

/** Makes a container of a service, as Compose labels it. */
export const createContainer = (
	engine: Engine,
	project: Project,
	service: Service,
	{ number = 1, once, replaced }: CreateOptions = {},
): Container => {
	const imageName = imageNameOf(project, service);
	const image = engine.images.find(imageName);
	if (image === undefined) {
		throw new Error(
			`Error response from daemon: No such image: ${/:[^/]*$/.test(imageName) ? imageName : `${imageName}:latest`}`,
		);
	}
	const fullName = (part: Model, name: string): string =>
		(part[name] as { readonly name?: string } | undefined)?.name ?? `${project.name}_${name}`;
	const networks = service.networks.map((name) => fullName(project.networks, name));
	const command = once?.command.length ? once.command : service.command;
	return engine.create({
		name:
			once?.name ??
			(service.containerName && number === 1 ? service.containerName : `${project.name}-${service.name}-${number}`),
		image,
		imageName,
		labels: {
			...image.labels,
			...labelsOf(project, service, image.id, number),
			...(once !== undefined && { [labels.oneOff]: 'True' }),
			...(replaced !== undefined && { 'com.docker.compose.replace': replaced.id }),
		},
		env: { ...service.environment, ...once?.env },
		...(service.entrypoint !== undefined && { entrypoint: service.entrypoint }),
		...(command !== undefined && { command }),
		restartPolicy: once === undefined ? service.restart : 'no',
		mounts: service.mounts.map((mount) =>
			mount.type === 'volume' && mount.source !== ''
				? { ...mount, source: fullName(project.volumes, mount.source) }
				: mount,
		),
		ports: once === undefined ? service.ports : [],
		network: service.networkMode ?? networks[0] ?? 'none',
		networks: networks.length > 0 ? networks : [service.networkMode ?? 'none'],
		aliases: [service.name],
		...(service.healthcheck !== undefined && { healthcheck: service.healthcheck }),
		...(service.logging !== undefined && { logging: service.logging }),
	});
};

export interface UpOptions {
	readonly force?: boolean;
	/** Leaves containers as they are, whatever they were made from. */
	readonly keep?: boolean;
	readonly start: boolean;
	/** Waits for what a service depends on to be healthy, as Compose does. */
	readonly waits?: boolean;
	/** How long a container takes to stop, ms. */
	readonly stopMs: number;
	/** How many containers, where it is not what the file says. */
	readonly replicas?: number;
	/** What Compose says of its progress, a line each. */
	readonly say: (line: string) => void;
}

/** Waits until a container is healthy, or running where it has no check. Throws an Error where it does not get there. */
export const untilWell = async (container: Container): Promise<void> => {
	while (container.status === 'running' && container.health === 'starting') {
		await pause(100);
	}
	if (container.health === 'unhealthy') {
		throw new Error(`container ${container.name} is unhealthy`);
	}
	if (container.status !== 'running') {
		throw new Error(`container ${container.name} exited (${container.exitCode})`);
	}
};

const untilDependencies = async (engine: Engine, project: Project, service: Service) => {
	for (const dependency of service.dependsOn) {
		for (const container of containersOf(engine, project.name, dependency.service)) {
			if (dependency.condition === 'service_healthy') {
				await untilWell(container).catch((error: Error) => {
					throw new Error(`dependency failed to start: ${error.message}`);
				});
			}
		}
	}
};

/** A container of a service as it is to be: made, made again where it differs or when forced, or left as it is. */
const settleContainer = async (
	engine: Engine,
	project: Project,
	service: Service,
	number: number,
	{ force = false, keep = false, stopMs, say }: UpOptions,
): Promise<Container> => {
	const before = containersOf(engine, project.name, service.name)[number - 1];
	if (before === undefined) {
		const created = createContainer(engine, project, service, { number });
		say(` Container ${created.name}  Created`);
		return created;
	}
	const image = engine.images.find(imageNameOf(project, service));
	const same = before.labels[labels.hash] === configHash(service) && before.image === image;
	if (keep || (same && !force)) {
		return before;
	}
	say(` Container ${before.name}  Recreate`);
	if (image === undefined) {
		throw new Error(`Error response from daemon: No such image: ${imageNameOf(project, service)}:latest`);
	}
	if (before.status === 'running') {
		await pause(stopMs);
	}
	await engine.stop(before);
	engine.remove(before);
	const created = createContainer(engine, project, service, { number, replaced: before });
	say(` Container ${created.name}  Recreated`);
	return created;
};

/** Brings one service up: as many containers as it should have, made again where configuration or image differ. */
export const upService = async (
	engine: Engine,
	project: Project,
	service: Service,
	options: UpOptions,
): Promise<void> => {
	const { start, stopMs, say, replicas = service.replicas, waits = false } = options;
	for (const extra of containersOf(engine, project.name, service.name).slice(replicas)) {
		await pause(stopMs);
		await engine.stop(extra);
		engine.remove(extra);
		say(` Container ${extra.name}  Removed`);
	}
	for (let number = 1; number <= replicas; number++) {
		const container = await settleContainer(engine, project, service, number, options);
		if (!start) {
			continue;
		}
		if (container.status === 'running' || container.status === 'restarting') {
			say(` Container ${container.name}  Running`);
			continue;
		}
		if (waits) {
			await untilDependencies(engine, project, service);
		}
		say(` Container ${container.name}  Starting`);
		await engine.start(container, true);
		say(` Container ${container.name}  Started`);
	}
};
