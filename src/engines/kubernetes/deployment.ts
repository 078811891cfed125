import type { DeploymentIdentity, DeploymentOptions } from '../../engine/deployment.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { type ClusterPlace, placeVariables } from './place.ts';
import type { SnapshotReader } from './snapshot.ts';

/** A deployment as the API server knows it. */
export interface ClusterIdentity extends DeploymentIdentity {
	/** The number of its workloads; 0 while that is not known. */
	readonly workloads: number;
}

/** Lifetime of an answer for scripts that only read, ms. A plan asks again. */
const freshMs = 30_000;
/** The same of an answer that it is not known, ms: callers at one moment are told the same. */
const unknownMs = 1000;

const reasonOf = (error: unknown): string =>
	error instanceof BackoutError && error.next !== undefined
		? `${error.message}. ${error.next.replace(/\.$/, '')}`
		: messageOf(error);

/** Returns a function that identifies the deployment; callers share an answer for half a minute. */
export const createIdentity = (reader: SnapshotReader, place: ClusterPlace, project: string) => {
	let before: { readonly at: number; readonly answer: Promise<ClusterIdentity>; freshMs: number } | undefined;
	const find = async (signal: AbortSignal | undefined): Promise<ClusterIdentity> => {
		const base = { project, environment: { project, ...placeVariables(place) }, workloads: 0 };
		try {
			return { ...base, workloads: (await reader.read(signal)).workloads.length };
		} catch (error) {
			signal?.throwIfAborted();
			return { ...base, unknown: reasonOf(error) };
		}
	};
	return ({ fresh = false, signal }: DeploymentOptions = {}): Promise<ClusterIdentity> => {
		if (!fresh && before !== undefined && performance.now() - before.at < before.freshMs) {
			return before.answer;
		}
		const mine = { at: performance.now(), answer: find(signal), freshMs };
		before = mine;
		mine.answer.then(
			({ unknown }) => {
				mine.freshMs = unknown === undefined ? freshMs : performance.now() - mine.at + unknownMs;
			},
			() => {
				// Whoever asked has given up: the next caller asks for itself.
				before = before === mine ? undefined : before;
			},
		);
		return mine.answer;
	};
};
