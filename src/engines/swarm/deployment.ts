import type { DeploymentIdentity } from '../../engine/deployment.ts';
import { shareIdentity, whyUnknown } from '../../engine/shared-identity.ts';
import type { Docker } from '../docker/docker.ts';
import type { RawInfo } from './raw.ts';
import { readInfo, type SnapshotReader } from './snapshot.ts';

/** A stack as the node that answers knows it. */
export interface StackIdentity extends DeploymentIdentity {
	/** The number of its services; 0 while that is not known. */
	readonly services: number;
}

/** Says why a node cannot answer for the swarm, and which can; undefined when it can. */
export const notManager = ({ Name = 'the host', Swarm: swarm = {} }: RawInfo): string | undefined => {
	if (swarm.ControlAvailable === true) {
		return undefined;
	}
	if (swarm.LocalNodeState !== 'active') {
		const why = swarm.Error ? `: ${swarm.Error}` : '';
		return `${Name} is in no swarm${why}. Set host of this target to a manager`;
	}
	const managers = (swarm.RemoteManagers ?? []).flatMap(({ Addr }) => Addr ?? []).sort();
	const known = managers.length === 0 ? '' : `; the managers it knows are at ${managers.join(', ')}`;
	return `${Name} is a worker of the swarm and no manager${known}. Set host of this target to a manager`;
};

/** Returns what the engine's shell reads. */
const environmentOf = (stack: string): Readonly<Record<string, string>> => ({ project: stack, stack });

/** Returns a function that identifies the stack; callers share an answer for half a minute. */
export const createIdentity = (docker: Docker, reader: SnapshotReader, stack: string) => {
	const find = async (signal: AbortSignal | undefined): Promise<StackIdentity> => {
		const base = { project: stack, environment: environmentOf(stack), services: 0 };
		try {
			const unknown = notManager(await readInfo(docker, signal));
			return unknown === undefined
				? { ...base, services: (await reader.read(signal)).services.length }
				: { ...base, unknown };
		} catch (error) {
			signal?.throwIfAborted();
			return { ...base, unknown: whyUnknown(error) };
		}
	};
	return shareIdentity(find);
};
