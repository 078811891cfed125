import type { Engine } from '../docker/engine.ts';
import { type Container, labels } from '../docker/types.ts';
import { createContainer, nameOf } from './create.ts';
import { imageNameOf, type Project } from './project.ts';
import { configHash, type Service } from './service.ts';

/** Returns the containers of a service, by their number, without one-off ones. */
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

/** Returns the services in the order in which they start. A service that is named needs no profile. */
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

export interface UpOptions {
	readonly force?: boolean;
	/** True: leaves containers as they are, whatever they were created from. */
	readonly keep?: boolean;
	readonly start: boolean;
	/** True: waits for a service's dependencies to be healthy, as Compose does. */
	readonly waits?: boolean;
	/** Time that a container takes to stop, ms. */
	readonly stopMs: number;
	/** True: prints what it would do, and does nothing. */
	readonly dry?: boolean;
	/** The number of containers, if it differs from the file. */
	readonly replicas?: number;
	/** Prints Compose's progress, line by line. */
	readonly say: (line: string) => void;
}

/** Waits until a container is healthy, or running if it has no check. Throws an Error if that does not happen. */
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

/** Brings a container of a service to its wanted state: created, recreated if it differs or when forced, or left as it is. */
const settleContainer = async (
	engine: Engine,
	project: Project,
	service: Service,
	number: number,
	{ force = false, keep = false, dry = false, stopMs, say }: UpOptions,
): Promise<Container | undefined> => {
	const before = containersOf(engine, project.name, service.name)[number - 1];
	if (before === undefined) {
		say(` Container ${nameOf(project, service, number)}  Creating`);
		if (dry) {
			say(` Container ${nameOf(project, service, number)}  Created`);
			return undefined;
		}
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
	if (dry) {
		say(` Container ${before.name}  Recreated`);
		return before;
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

/** Brings one service up: the wanted number of containers, recreated if configuration or image differ. */
export const upService = async (
	engine: Engine,
	project: Project,
	service: Service,
	options: UpOptions,
): Promise<void> => {
	const { start, stopMs, say, replicas = service.replicas, waits = false, dry = false } = options;
	for (const extra of dry ? [] : containersOf(engine, project.name, service.name).slice(replicas)) {
		await pause(stopMs);
		await engine.stop(extra);
		engine.remove(extra);
		say(` Container ${extra.name}  Removed`);
	}
	for (let number = 1; number <= replicas; number++) {
		const container = await settleContainer(engine, project, service, number, options);
		if (!start || container === undefined) {
			continue;
		}
		if (container.status === 'running' || container.status === 'restarting') {
			say(` Container ${container.name}  Running`);
			continue;
		}
		if (waits && !dry) {
			await untilDependencies(engine, project, service);
		}
		say(` Container ${container.name}  Starting`);
		if (!dry) {
			await engine.start(container, true);
		}
		say(` Container ${container.name}  Started`);
	}
};
