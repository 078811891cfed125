import { BackoutError, messageOf } from '../../../runbook/errors.ts';
import type { Finding } from '../../../runbook/finding.ts';
import type { Target } from '../../../runbook/runbook.ts';
import type { EngineLook } from '../../../services/doctor/engine-look.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';
import type { Host } from '../../../services/host/host.ts';
import { createKubernetesEngine } from '../engine.ts';
import { nodesOf } from '../nodes.ts';
import { type ClusterPlace, kubectlWords, placeOf } from '../place.ts';
import { readVersions } from '../reach.ts';
import { createSnapshotReader } from '../snapshot.ts';
import checkCluster from './check-cluster.sh';
import { type Purpose, readMissingRights } from './rights.ts';

const title = (purpose: Purpose): readonly [title: string, state: Finding['state'], without: string] =>
	(
		({
			reading: ['Rights to read', 'failed', 'nothing can be watched'],
			changes: ['Rights to change', 'failed', 'nothing can be rolled back, restarted or scaled'],
			settings: ['Rights to settings', 'warn', 'ConfigMaps and Secrets are neither kept nor put back'],
			logs: ['Rights to logs', 'warn', 'no log can be read'],
			shells: ['Rights to shells', 'warn', 'no shell can be opened in a pod'],
			nodes: ['Rights to nodes', 'warn', 'the nodes are not shown, and a lost one is not noticed'],
			drain: ['Rights to drain', 'warn', 'no node can be drained'],
		}) satisfies Readonly<Record<Purpose, readonly [string, Finding['state'], string]>>
	)[purpose];

/** Says what this login may not do, and what does not work without it. */
const judgeRights = async (host: Host, place: ClusterPlace, signal: AbortSignal): Promise<readonly Finding[]> => {
	try {
		const missing = [...(await readMissingRights(host, place, signal))].filter(([, rights]) => rights.length > 0);
		const words = `${kubectlWords(place)} auth can-i --list`;
		return missing.length === 0
			? [hostFinding('rights', 'Rights', 'ok', 'reads, changes, settings, logs, shells, nodes')]
			: missing.map(([purpose, rights]) => {
					const [name, state, without] = title(purpose);
					const found = `this login may not ${rights.join(', ')}: ${without}`;
					return hostFinding(`rights-${purpose}`, name, state, found, `Give it a Role with these, and see: ${words}`);
				});
	} catch (error) {
		signal.throwIfAborted();
		return [hostFinding('rights', 'Rights', 'unknown', messageOf(error))];
	}
};

const errorFinding = (id: string, name: string, error: unknown): Finding => {
	const { message, next } = error instanceof BackoutError ? error : { message: messageOf(error), next: undefined };
	return hostFinding(id, name, 'failed', message, next);
};

const judgeNodes = async (host: Host, place: ClusterPlace, signal: AbortSignal): Promise<readonly Finding[]> => {
	const snapshot = await createSnapshotReader(host, place).read(signal);
	const nodes = nodesOf(snapshot);
	const lost = nodes.filter(({ state }) => state !== 'ready');
	if (nodes.length === 0) {
		return [];
	}
	return [
		lost.length === 0
			? hostFinding('nodes', 'Nodes', 'ok', `${nodes.length} ready`)
			: hostFinding(
					'nodes',
					'Nodes',
					'warn',
					lost.map(({ name, state, message = '' }) => `${name} is ${state}: ${message}`).join('; '),
					'Look at the kubelet there: journalctl -u kubelet.',
				),
	];
};

/** Returns the questions of `doctor` to a target's cluster and about its deployment. */
export const kubernetesLook = (target: Target): EngineLook => {
	const place = placeOf(target);
	return {
		tools: {},
		script: checkCluster,
		rooms: {},
		judge: () => [],
		deployment: async (host, _, signal) => {
			const engine = createKubernetesEngine(host, target);
			const { unknown } = await engine.deployment({ signal });
			if (unknown !== undefined) {
				// What reaches the cluster says why.
				return { hasFolder: true, findings: [hostFinding('namespace', 'Namespace', 'unknown', unknown)] };
			}
			const { desired, unreadable = '' } = await engine.desired({ signal });
			const finding =
				desired === undefined
					? hostFinding(
							'namespace',
							'Namespace',
							'failed',
							unreadable,
							`Set kubernetes.namespace and kubernetes.selector of this target; ${kubectlWords(place)} get deployments,statefulsets,daemonsets --show-labels lists them.`,
						)
					: hostFinding('namespace', 'Namespace', 'ok', `${target.project}, ${desired.services.length} workloads`);
			const [rights, nodes] = await Promise.all([judgeRights(host, place, signal), judgeNodes(host, place, signal)]);
			return { hasFolder: true, findings: [finding, ...nodes, ...rights] };
		},
		reach: async (host, signal) => {
			try {
				const { client, server } = await readVersions(host, place, signal);
				return hostFinding('cluster', 'Kubernetes', 'ok', `kubectl ${client} on the host, API server ${server}`);
			} catch (error) {
				signal.throwIfAborted();
				return errorFinding('cluster', 'Kubernetes', error);
			}
		},
	};
};
