import type { Engine } from '../docker/engine.ts';
import { type Container, labels } from '../docker/types.ts';
import type { Model } from './model.ts';
import { imageNameOf, type Project } from './project.ts';
import { configHash, type Service } from './service.ts';

/** The version that the simulated Compose prints. */
export const composeVersion = '2.29.7';

/** Returns Compose's name for a container of a service. */
export const nameOf = (project: Project, service: Service, number: number): string =>
	service.containerName !== undefined && number === 1
		? service.containerName
		: `${project.name}-${service.name}-${number}`;

/** Returns the labels that Compose gives to a container. */
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
	/** The container that it replaces. */
	readonly replaced?: Container;
}

/** Creates a container of a service, labelled like Compose's. */
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
