import type { Reach } from '../../engine/engine.ts';
import type { Host } from '../../services/host/host.ts';
import { lastLineOf, runScript } from '../../services/host/run-script.ts';
import { explainKubectl } from './explain.ts';
import kubectl from './kubectl.sh';
import { type ClusterPlace, placeVariables } from './place.ts';

const script = `find_kubectl || exit 127
kube version --request-timeout=15s --output=json
`;

interface RawVersion {
	readonly clientVersion?: { readonly gitVersion?: string };
	readonly serverVersion?: { readonly gitVersion?: string };
}

/** Finds out which kubectl reaches which API server. */
export const readVersions = async (
	host: Host,
	place: ClusterPlace,
	signal?: AbortSignal,
): Promise<{ readonly client: string; readonly server: string }> => {
	const { code, stdout, stderr } = await runScript(host, script, {
		purpose: 'reach the API server',
		prelude: [kubectl],
		environment: placeVariables(place),
		anyExit: true,
		timeoutMs: 30_000,
		...(signal !== undefined && { signal }),
	});
	if (code !== 0) {
		throw explainKubectl(host.name, 'cannot reach the API server', lastLineOf(stderr), code, place);
	}
	const { clientVersion, serverVersion } = JSON.parse(stdout) as RawVersion;
	return { client: clientVersion?.gitVersion ?? 'unknown', server: serverVersion?.gitVersion ?? 'unknown' };
};

export const reachOf = async (host: Host, place: ClusterPlace, signal?: AbortSignal): Promise<Reach> => {
	const { client, server } = await readVersions(host, place, signal);
	return { isDirect: true, reason: `kubectl ${client} on the host, API server ${server}` };
};
