import type { KeptDeployment, KeptInstance, KeptNotes } from '../../engine/kept.ts';
import { imageOf, isJob, serviceName } from './names.ts';
import type { RawService } from './raw.ts';

const servicesIn = (noted: string): readonly RawService[] => {
	try {
		const all: unknown = JSON.parse(noted);
		return Array.isArray(all) ? all.filter((one) => typeof one?.Spec?.Name === 'string') : [];
	} catch {
		return [];
	}
};

/** Returns the instances that a service had by its specification; a global one counts once, as it does not say on how many nodes. */
const instancesOf = (service: RawService, stack: string): readonly KeptInstance[] => {
	const replicas = service.Spec?.Mode?.Replicated?.Replicas ?? 1;
	const image = imageOf(service.Spec?.TaskTemplate);
	const name = serviceName(service, stack);
	const kept = (number: number): KeptInstance => ({
		service: name,
		number: String(number),
		state: replicas === 0 || isJob(service) ? 'stopped' : 'running',
		image,
		imageName: image,
		name: `${service.Spec?.Name}.${number}`,
	});
	return Array.from({ length: Math.max(1, replicas) }, (_, at) => kept(at + 1));
};

const lineOf = ({ service, number, state, image, imageName, name }: KeptInstance): string =>
	[service, number, state, image, imageName, '', name].join('|');

/** Reads the services that a restore point has noted, as the Engine API lists them. */
export const readKept = ({ noted, environment }: KeptNotes, project: string): KeptDeployment => {
	const stack = environment.stack ?? project;
	const instances = servicesIn(noted).flatMap((service) => instancesOf(service, stack));
	return {
		instances,
		environment: {
			...(environment.stack !== undefined && { project: environment.project ?? stack, stack }),
			from_containers: instances.map(lineOf).join('\n'),
		},
	};
};
