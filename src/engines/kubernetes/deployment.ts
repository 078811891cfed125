import type { DeploymentIdentity } from '../../engine/deployment.ts';
import { shareIdentity, whyUnknown } from '../../engine/shared-identity.ts';
import { type ClusterPlace, placeVariables } from './place.ts';
import type { SnapshotReader } from './snapshot.ts';

/** A deployment as the API server knows it. */
export interface ClusterIdentity extends DeploymentIdentity {
	/** The number of its workloads; 0 while that is not known. */
	readonly workloads: number;
}

/** Returns a function that identifies the deployment; callers share an answer for half a minute. */
export const createIdentity = (reader: SnapshotReader, place: ClusterPlace, project: string) => {
	const find = async (signal: AbortSignal | undefined): Promise<ClusterIdentity> => {
		const base = { project, environment: { project, ...placeVariables(place) }, workloads: 0 };
		try {
			return { ...base, workloads: (await reader.read(signal)).workloads.length };
		} catch (error) {
			signal?.throwIfAborted();
			return { ...base, unknown: whyUnknown(error) };
		}
	};
	return shareIdentity(find);
};
