import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../../services/runner/host/state-folder.ts';
import json from '../docker/json.sh';
import secondsOf from '../docker/seconds-of.sh';
import cluster from './cluster.sh';
import kubectl from './kubectl.sh';
import kubernetes from './kubernetes.sh';
import lock from './kubernetes-lock.sh';
import script from './lock-elsewhere.sh';
import { type ClusterPlace, placeVariables } from './place.ts';

/** The functions for the shared lock, for a shell of their own. */
export const lockFunctions = [secondsOf, json, kubectl, cluster, kubernetes, lock].join('\n');

/**
 * Reads which run of another state folder has the lock of the deployment, in the form of the file `owner`; undefined while none has, and where this
 * login may have no Leases. Rejects when the API server does not say.
 */
export const readSharedLock = async (
	host: Host,
	place: ClusterPlace,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<string | undefined> => {
	const { stdout } = await runScript(host, script, {
		purpose: 'read the lock of the deployment',
		prelude: [locateState, lockFunctions],
		environment: placeVariables(place),
		variables: stateValues(options),
		timeoutMs: 30_000,
		...(signal !== undefined && { signal }),
	});
	return stdout === '' ? undefined : stdout;
};
