import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from './records-text.ts';

export type { ApiObject };

/** A cluster that kubectl answers for from files. */
export interface PlayedCluster {
	/** The environment of a host on which kubectl is this one. */
	readonly environment: Readonly<Record<string, string>>;
	/** Sets what there is, and tells those who watch, unless it is to be silent. */
	put(objects: readonly ApiObject[], isTold?: boolean): void;
	/** Ends every watch at once, as an API server does that has forgotten what it is to go on from. */
	endWatches(): void;
	write(pod: string, line: string, container?: string): void;
	/** Ends the log of a pod. */
	endLog(pod: string): void;
	set(file: 'metrics' | 'forbidden' | 'refusal', text: string): void;
	close(): void;
}

export const openPlayedCluster = (): PlayedCluster => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-kubectl-'));
	const program = join(folder, 'kubectl');
	writeFileSync(
		program,
		`#!/bin/sh\nPLAYED='${folder}' exec '${process.execPath}' --no-warnings '${join(import.meta.dirname, 'kubectl.ts')}' "$@"\n`,
	);
	chmodSync(program, 0o755);
	const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
	return {
		environment: { PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: '/nowhere' },
		put: (objects, isTold = true) => {
			write('objects', JSON.stringify(objects));
			if (isTold) {
				appendFileSync(join(folder, 'watch'), 'pod/any\n');
			}
		},
		endWatches: () => write('watch.end', ''),
		write: (pod, line, container = 'main') => appendFileSync(join(folder, `${pod}.${container}`), `${line}\n`),
		endLog: (pod) => write(`${pod}.main.end`, ''),
		set: write,
		close: () => rmSync(folder, { recursive: true, force: true }),
	};
};

/** A time some ms ago, as the API writes times: in whole seconds. */
export const ago = (ms = 0): string => `${new Date(Date.now() - ms).toISOString().slice(0, 19)}Z`;

/** A Deployment with its newest ReplicaSet. */
export const deploymentOf = (name: string, replicas = 1, more: object = {}): readonly [ApiObject, ApiObject] => {
	const template = {
		metadata: { labels: { app: name } },
		spec: { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80 }] }] },
	};
	return [
		{
			kind: 'Deployment',
			metadata: {
				name,
				uid: `d-${name}`,
				resourceVersion: '7',
				generation: 2,
				creationTimestamp: ago(100_000),
				annotations: { 'deployment.kubernetes.io/revision': '2' },
			},
			spec: { replicas, template },
			status: {
				observedGeneration: 2,
				replicas,
				updatedReplicas: replicas,
				readyReplicas: replicas,
				availableReplicas: replicas,
				conditions: [
					{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', lastTransitionTime: ago(90_000) },
				],
			},
			...more,
		},
		{
			kind: 'ReplicaSet',
			metadata: {
				name: `${name}-hash`,
				uid: `r-${name}`,
				labels: { 'pod-template-hash': 'hash' },
				annotations: { 'deployment.kubernetes.io/revision': '2' },
				ownerReferences: [{ kind: 'Deployment', name, uid: `d-${name}`, controller: true }],
			},
			spec: { replicas },
			status: { replicas },
		},
	];
};

/** A pod of a Deployment that runs and is ready. */
export const podOf = (name: string, workload: string, more: { readonly [key: string]: unknown } = {}): ApiObject => ({
	kind: 'Pod',
	metadata: {
		name,
		uid: `p-${name}`,
		creationTimestamp: ago(60_000),
		labels: { 'pod-template-hash': 'hash' },
		ownerReferences: [{ kind: 'ReplicaSet', name: `${workload}-hash`, uid: `r-${workload}`, controller: true }],
	},
	spec: { nodeName: 'one', restartPolicy: 'Always', containers: [{ name: 'main', image: 'app:1' }] },
	status: {
		phase: 'Running',
		conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(58_000) }],
		containerStatuses: [statusOf({ running: { startedAt: ago(59_000) } })],
	},
	...more,
});

/** The status of a pod's container. */
export const statusOf = (state: object, more: object = {}): Readonly<Record<string, unknown>> => ({
	name: 'main',
	ready: true,
	restartCount: 0,
	image: 'app:1',
	imageID: 'docker-pullable://app@sha256:1111',
	state,
	lastState: {},
	...more,
});

/** A node; ready unless said otherwise. */
export const nodeOf = (name: string, ready = 'True', more: object = {}): ApiObject => ({
	kind: 'Node',
	metadata: { name, uid: `n-${name}`, labels: {} },
	spec: {},
	status: {
		conditions: [
			{ type: 'Ready', status: ready, message: ready === 'True' ? '' : 'Kubelet stopped posting node status.' },
		],
		nodeInfo: { kubeletVersion: 'v1.20.2' },
	},
	...more,
});
