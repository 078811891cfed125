import type { InstanceDescription, Mount } from '../../engine/instance.ts';
import { type ProgramPlaces, withPrograms } from '../../services/host/programs.ts';
import type { Docker } from '../docker/docker.ts';
import { byDigest, taskLabel } from './names.ts';
import { nodeName } from './nodes.ts';
import type { Snapshot } from './snapshot.ts';
import type { ShownTask } from './tasks.ts';

/** Returns the id of a task's container, if it is on the node that answers. */
export const containerHere = (
	{ task }: Pick<ShownTask, 'task'>,
	{ here }: Pick<Snapshot, 'here'>,
): string | undefined => (task.NodeID === here ? task.Status?.ContainerStatus?.ContainerID || undefined : undefined);

const mountsOf = ({ task }: ShownTask): readonly Mount[] =>
	(task.Spec?.ContainerSpec?.Mounts ?? []).map(({ Type = '', Source = '', Target = '', ReadOnly }) => ({
		kind: Type,
		source: Source,
		target: Target,
		readOnly: ReadOnly === true,
	}));

/** Describes a task by its specification alone: its container is on another node, or gone. */
const bySpec = (shown: ShownTask): InstanceDescription => {
	const { instance, task, service, node } = shown;
	const spec = task.Spec?.ContainerSpec ?? {};
	const [kind, ...check] = spec.Healthcheck?.Test ?? [];
	return {
		instance,
		command: [...(spec.Command ?? []), ...(spec.Args ?? [])],
		user: spec.User ?? '',
		workingDirectory: spec.Dir ?? '',
		ports: (service.Spec?.EndpointSpec?.Ports ?? []).map(({ TargetPort, PublishedPort, Protocol = 'tcp' }) => ({
			container: `${TargetPort}/${Protocol}`,
			...(PublishedPort !== undefined && { host: `0.0.0.0:${PublishedPort}` }),
		})),
		mounts: mountsOf(shown),
		environment: (spec.Env ?? []).map((setting) => {
			const at = setting.indexOf('=');
			return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at + 1)];
		}),
		networks: (task.NetworksAttachments ?? []).flatMap(({ Network }) => Network?.Spec?.Name ?? []),
		...((kind === 'CMD' || kind === 'CMD-SHELL') && { healthCheck: check }),
		shellCommand: `on ${nodeName(node) ?? 'its node'}: ${shellOf(shown)}`,
	};
};

/** A command that opens a shell in a task, for an operator to type on its node; its container is named after the task. */
const shellOf = ({ instance, task }: ShownTask): string => `docker exec -it ${instance.name}.${task.ID} sh`;

/** Describes a task: with what its container was created with, if that is on the node that answers. */
export const describeTask = async (
	docker: Docker,
	shown: ShownTask,
	snapshot: Snapshot,
	signal?: AbortSignal,
): Promise<InstanceDescription> => {
	const container = containerHere(shown, snapshot);
	const described = container === undefined ? undefined : await docker.describe(container, signal);
	const image = described?.instance.imageId ?? byDigest(shown.instance.imageId);
	const [details, imageHistory] = await Promise.all([
		docker.inspectImage(image, signal),
		// All else is worth showing without it.
		docker.imageHistory(image, signal).catch(() => {
			signal?.throwIfAborted();
			return undefined;
		}),
	]);
	const { probes, oomKilled } = described?.instance ?? { probes: [], oomKilled: false };
	return {
		...(described === undefined
			? bySpec(shown)
			: { ...described, instance: { ...shown.instance, probes, oomKilled }, shellCommand: shellOf(shown) }),
		...(details !== undefined && { image: details }),
		...(imageHistory !== undefined && { imageHistory }),
	};
};

/** Ids of the engine for tasks. */
const idPattern = /^[a-z0-9]+$/;

/** The same keys as for a container: nobody types these. */
const keys = 'ctrl-@,ctrl-@,ctrl-@';

/**
 * The command that opens a shell in a task, for a terminal of the manager. Says so and fails where the task is on another node. Throws a
 * TypeError for what is no id of a task.
 */
export const shellInTask = (id: string, places?: ProgramPlaces): string => {
	if (!idPattern.test(id)) {
		throw new TypeError('not an id of a task');
	}
	// It is inside single quotes, with another shell inside its own.
	const script = [
		`container=\\$(docker ps -q --no-trunc --filter label=${taskLabel}=${id})`,
		'if [ -z \\"\\$container\\" ]; then echo This task is on another node: open the shell there. >&2; exit 1; fi',
		`exec docker exec -it -e TERM --detach-keys ${keys} \\$container sh -c \\"if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh\\"`,
	].join('; ');
	return withPrograms(`sh -c "${script}"`, places);
};
