import { BackoutError, messageOf } from '../../../runbook/errors.ts';
import type { Finding } from '../../../runbook/finding.ts';
import type { Target } from '../../../runbook/runbook.ts';
import type { EngineLook } from '../../../services/doctor/engine-look.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';
import type { Host } from '../../../services/host/host.ts';
import { runScript } from '../../../services/host/run-script.ts';
import secondsOf from '../../docker/seconds-of.sh';
import clusterCommand from '../cluster.sh';
import { createKubernetesEngine } from '../engine.ts';
import kubectl from '../kubectl.sh';
import helm from '../kubernetes-helm.sh';
import { nodesOf } from '../nodes.ts';
import { type ClusterPlace, kubectlWords, placeOf, placeVariables } from '../place.ts';
import { readVersions } from '../reach.ts';
import { createSnapshotReader } from '../snapshot.ts';
import { createUsage } from '../usage.ts';
import checkCluster from './check-cluster.sh';
import { type Purpose, readMissingRights, rightsWords } from './rights.ts';

/** What does not work without the rights of a purpose. */
const without: Readonly<Record<Purpose, readonly [title: string, state: Finding['state'], without: string]>> = {
	reading: ['Rights to read', 'failed', 'nothing can be watched'],
	events: ['Rights to events', 'warn', 'less is known of why a pod does not start'],
	logs: ['Rights to logs', 'warn', 'no log can be read'],
	nodes: ['Rights to nodes', 'warn', 'the nodes are not shown, and a lost one is not noticed'],
	changes: ['Rights to change', 'failed', 'nothing can be rolled back, restarted or scaled'],
	settings: ['Rights to settings', 'warn', 'neither ConfigMaps nor Secrets are kept and put back'],
	scaling: [
		'Rights to autoscalers',
		'warn',
		'no whole spec is put back, and no workload is scaled but to 0: an autoscaler could set the number again',
	],
	lock: ['Rights to the lock', 'warn', 'operators on other hosts do not see your runs, nor you theirs'],
	shells: ['Rights to shells', 'warn', 'no shell can be opened in a pod'],
	drain: ['Rights to drain', 'warn', 'no node can be drained'],
};
/** The purposes of a target of which nothing may be changed. */
const reads: readonly Purpose[] = ['reading', 'events', 'logs', 'nodes'];

/** Says what this login may not do, and what does not work without it. */
const judgeRights = async (
	host: Host,
	place: ClusterPlace,
	readOnly: boolean,
	signal: AbortSignal,
): Promise<readonly Finding[]> => {
	try {
		const missing = [...(await readMissingRights(host, place, signal))].filter(
			([purpose, rights]) => rights.length > 0 && (!readOnly || reads.includes(purpose)),
		);
		const words = `${kubectlWords(place)} auth can-i --list`;
		return missing.length === 0
			? [hostFinding('rights', 'Rights', 'ok', readOnly ? 'all that reading needs' : 'all that is needed')]
			: missing.map(([purpose, rights]) => {
					const [name, state, what] = without[purpose];
					const isWide = rights.every(({ isClusterWide }) => isClusterWide === true);
					const found = `${what}, as this login may not ${rightsWords(rights)}${isWide ? ' in the whole cluster' : ''}`;
					return hostFinding(
						`rights-${purpose}`,
						name,
						state,
						found,
						`Give it a ${isWide ? 'ClusterRole' : 'Role'} with these rights. It has: ${words}`,
					);
				});
	} catch (error) {
		signal.throwIfAborted();
		return [hostFinding('rights', 'Rights', 'unknown', messageOf(error))];
	}
};

/** Says whether processor and memory of pods can be shown: where they cannot, nothing else is missing. */
const judgeMetrics = async (host: Host, place: ClusterPlace, signal: AbortSignal): Promise<Finding> => {
	try {
		await createUsage(host, place, createSnapshotReader(host, place)).check(signal);
		return hostFinding('metrics', 'Metrics', 'ok', 'processor and memory of pods');
	} catch (error) {
		signal.throwIfAborted();
		return { ...errorFinding('metrics', 'Metrics', error), state: 'warn' };
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

/** Says which actions of Helm have not ended. Where Secrets may not be listed, the finding about rights says so. */
const judgeHelm = async (host: Host, place: ClusterPlace, signal: AbortSignal): Promise<readonly Finding[]> => {
	const { code, stdout } = await runScript(host, 'helm_state', {
		purpose: 'ask for actions of Helm that have not ended',
		prelude: [kubectl, clusterCommand, secondsOf, helm],
		environment: placeVariables(place),
		anyExit: true,
		timeoutMs: 30_000,
		signal,
	});
	const pending = stdout.trimEnd();
	if (code !== 0 || pending === '') {
		return [];
	}
	const [, found = pending, next = ''] = /^(.*?\)): (.*)$/.exec(pending.split('\n')[0] ?? '') ?? [];
	const more = pending.split('\n').length - 1;
	return [
		hostFinding(
			'helm',
			'Helm',
			'warn',
			more > 0 ? `${found} (and ${more} more)` : found,
			`${next.slice(0, 1).toUpperCase()}${next.slice(1)}.`,
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
			const [metrics, rights, nodes, pending] = await Promise.all([
				judgeMetrics(host, place, signal),
				judgeRights(host, place, target.readOnly, signal),
				judgeNodes(host, place, signal),
				judgeHelm(host, place, signal),
			]);
			return { hasFolder: true, findings: [finding, ...nodes, ...pending, metrics, ...rights] };
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
