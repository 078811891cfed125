import { createHash } from 'node:crypto';
import type { RawService, RawTask, RawTaskSpec } from './raw.ts';

/** The label that `docker stack deploy` puts on all that belongs to a stack. */
export const stackLabel = 'com.docker.stack.namespace';
/** The label with the id of its task that the engine puts on each container. */
export const taskLabel = 'com.docker.swarm.task.id';

/** Returns a service's name without that of its stack: `web` of `shop_web`. */
export const serviceName = (service: RawService, stack: string): string => {
	const name = service.Spec?.Name ?? service.ID;
	return name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;
};

/** Returns the image that a service asks for: its name, and its digest where the engine could find it out. */
export const imageOf = (spec: RawTaskSpec | undefined): string => spec?.ContainerSpec?.Image ?? '';

/** Returns an image's name without its digest. */
export const withoutDigest = (image: string): string => image.replace(/@.*$/, '');

/** Returns the name by which an engine knows an image with a digest: `shop@sha256:…` of `shop:2@sha256:…`. */
export const byDigest = (image: string): string => image.replace(/:[^:/@]+@/, '@');

const sorted = (value: unknown): unknown =>
	Array.isArray(value)
		? value.map(sorted)
		: value !== null && typeof value === 'object'
			? Object.fromEntries(
					Object.entries(value)
						.toSorted(([a], [b]) => (a < b ? -1 : 1))
						.map(([key, one]) => [key, sorted(one)]),
				)
			: value;

/** Fields that do not make a task another one: the engine changes placements in place, and does not show the others of a task. */
const aside = ['Placement', 'RestartPolicy', 'Runtime'];

const marks = new WeakMap<RawTaskSpec, string>();

/** Returns a mark of what tasks are made from: the same for a task and its service as long as the service was not changed since. */
export const markOf = (spec: RawTaskSpec = {}): string => {
	const known = marks.get(spec);
	if (known !== undefined) {
		return known;
	}
	const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => !aside.includes(key)));
	const mark = createHash('sha256')
		.update(JSON.stringify(sorted(rest)))
		.digest('hex');
	marks.set(spec, mark);
	return mark;
};

/** True for a task that is made from what its service asks for now. */
export const isOfNow = (task: RawTask, service: RawService): boolean =>
	markOf(task.Spec) === markOf(service.Spec?.TaskTemplate);

/** True for a service whose tasks end when their work is done. */
export const isJob = ({ Spec }: RawService): boolean =>
	Spec?.Mode?.ReplicatedJob !== undefined || Spec?.Mode?.GlobalJob !== undefined;

/** True for a service with a task on each node. */
export const isGlobal = ({ Spec }: RawService): boolean =>
	Spec?.Mode?.Global !== undefined || Spec?.Mode?.GlobalJob !== undefined;
