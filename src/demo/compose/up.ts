import type { Engine } from '../docker/engine.ts';
import { type Container, labels } from '../docker/types.ts';
import { configHash, imageNameOf, type Project, type Service } from './compose-file.ts';

/** The container of a service, one-off ones excepted. */
export const containerOf = (engine: Engine, project: string, service: string): Container | undefined =>
	engine
		.containers()
		.find(
			(container) =>
				container.labels[labels.project] === project &&
				container.labels[labels.service] === service &&
				container.labels[labels.oneOff] === 'False',
		);

/** The services in the order in which they start. */
export const inOrder = (project: Project, wanted: readonly string[], withDeps: boolean): readonly Service[] => {
	const found: Service[] = [];
	const add = (name: string) => {
		const service = project.services.find((one) => one.name === name);
		if (service === undefined) {
			throw new Error(`no such service: ${name}`);
		}
		if (withDeps) {
			service.dependsOn.forEach(add);
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

/** Makes the container of a service, as Compose labels it. */
const createContainer = (engine: Engine, project: Project, service: Service): Container => {
	const imageName = imageNameOf(project, service);
	const image = engine.images.find(imageName);
	if (image === undefined) {
		throw new Error(`No such image: ${imageName}:latest`);
	}
	return engine.create({
		name: service.containerName ?? `${project.name}-${service.name}-1`,
		image,
		imageName,
		labels: {
			...image.labels,
			[labels.hash]: configHash(service),
			[labels.number]: '1',
			[labels.oneOff]: 'False',
			[labels.project]: project.name,
			[labels.files]: project.file,
			[labels.folder]: project.folder,
			[labels.service]: service.name,
			[labels.image]: image.id,
		},
		env: service.environment,
		...(service.command !== undefined && { command: service.command }),
		restartPolicy: service.restart,
		mounts: service.mounts.map((mount) =>
			mount.type === 'volume' ? { ...mount, source: `${project.name}_${mount.source}` } : mount,
		),
		ports: service.ports,
		network: `${project.name}_default`,
		...(service.healthcheck !== undefined && { healthcheck: service.healthcheck }),
	});
};

export interface UpOptions {
	readonly force: boolean;
	readonly start: boolean;
	/** How long a container takes to stop, ms. */
	readonly stopMs: number;
	/** What Compose says of its progress, a line each. */
	readonly say: (line: string) => void;
}

/** Brings one service up: a container is made again where its configuration or its image differs, or when forced. */
export const upService = async (
	engine: Engine,
	project: Project,
	service: Service,
	{ force, start, stopMs, say }: UpOptions,
): Promise<void> => {
	const before = containerOf(engine, project.name, service.name);
	const image = engine.images.find(imageNameOf(project, service));
	let container = before;
	if (before === undefined) {
		container = createContainer(engine, project, service);
		say(` Container ${container.name}  Created`);
	} else if (force || before.labels[labels.hash] !== configHash(service) || before.image !== image) {
		say(` Container ${before.name}  Recreate`);
		if (image === undefined) {
			throw new Error(`No such image: ${imageNameOf(project, service)}:latest`);
		}
		if (before.status === 'running') {
			await pause(stopMs);
		}
		await engine.stop(before);
		engine.remove(before);
		container = createContainer(engine, project, service);
		say(` Container ${container.name}  Recreated`);
	}
	if (container === undefined || !start) {
		return;
	}
	if (container.status === 'running' || container.status === 'restarting') {
		say(` Container ${container.name}  Running`);
		return;
	}
	say(` Container ${container.name}  Starting`);
	await engine.start(container, true);
	say(` Container ${container.name}  Started`);
};
