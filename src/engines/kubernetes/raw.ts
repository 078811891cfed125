/** The fields of the Kubernetes API's objects that are used. Times are RFC 3339. */

export interface RawOwner {
	readonly kind?: string;
	readonly name?: string;
	readonly uid?: string;
	readonly controller?: boolean;
}

type Words = Readonly<Record<string, string>>;

/** The fields that every kind has. */
export interface RawObject {
	readonly kind: string;
	readonly name: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly generation: number;
	readonly createdAt: string;
	readonly deletedAt: string;
	readonly labels: Words;
	readonly annotations: Words;
	readonly owners: readonly RawOwner[];
}

export interface RawCondition {
	readonly type?: string;
	readonly status?: string;
	readonly reason?: string;
	readonly message?: string;
	readonly lastTransitionTime?: string;
	readonly lastUpdateTime?: string;
}

export interface RawProbe {
	readonly exec?: { readonly command?: readonly string[] };
	readonly httpGet?: { readonly path?: string; readonly port?: number | string };
	readonly tcpSocket?: { readonly port?: number | string };
	readonly grpc?: { readonly port?: number };
	readonly initialDelaySeconds?: number;
	readonly periodSeconds?: number;
	readonly failureThreshold?: number;
}

interface RawKeyOf {
	readonly name?: string;
	readonly key?: string;
}

export interface RawEnvironmentValue {
	readonly name?: string;
	readonly value?: string;
	readonly valueFrom?: {
		readonly configMapKeyRef?: RawKeyOf;
		readonly secretKeyRef?: RawKeyOf;
		readonly fieldRef?: { readonly fieldPath?: string };
		readonly resourceFieldRef?: { readonly resource?: string };
	};
}

export interface RawContainer {
	readonly name: string;
	readonly image?: string;
	readonly command?: readonly string[];
	readonly args?: readonly string[];
	readonly workingDir?: string;
	readonly tty?: boolean;
	readonly ports?: readonly {
		readonly containerPort?: number;
		readonly hostPort?: number;
		readonly protocol?: string;
	}[];
	readonly env?: readonly RawEnvironmentValue[];
	readonly envFrom?: readonly {
		readonly prefix?: string;
		readonly configMapRef?: { readonly name?: string };
		readonly secretRef?: { readonly name?: string };
	}[];
	readonly volumeMounts?: readonly {
		readonly name?: string;
		readonly mountPath?: string;
		readonly readOnly?: boolean;
	}[];
	readonly readinessProbe?: RawProbe;
	readonly livenessProbe?: RawProbe;
	readonly startupProbe?: RawProbe;
	readonly resources?: { readonly limits?: Words; readonly requests?: Words };
	readonly securityContext?: { readonly runAsUser?: number };
}

export interface RawPodSpec {
	readonly containers?: readonly RawContainer[];
	readonly initContainers?: readonly RawContainer[];
	readonly nodeName?: string;
	readonly restartPolicy?: string;
	readonly securityContext?: { readonly runAsUser?: number };
	readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

interface RawTerminated {
	readonly exitCode?: number;
	readonly signal?: number;
	readonly reason?: string;
	readonly message?: string;
	readonly startedAt?: string;
	readonly finishedAt?: string;
}

export interface RawContainerState {
	readonly waiting?: { readonly reason?: string; readonly message?: string };
	readonly running?: { readonly startedAt?: string };
	readonly terminated?: RawTerminated;
}

export interface RawContainerStatus {
	readonly name: string;
	readonly ready?: boolean;
	readonly started?: boolean;
	readonly restartCount?: number;
	readonly image?: string;
	readonly imageID?: string;
	readonly state?: RawContainerState;
	readonly lastState?: RawContainerState;
}

export interface RawPod extends RawObject {
	readonly spec: RawPodSpec;
	readonly status: {
		readonly phase?: string;
		readonly reason?: string;
		readonly message?: string;
		readonly startTime?: string;
		readonly podIP?: string;
		readonly conditions?: readonly RawCondition[];
		readonly containerStatuses?: readonly RawContainerStatus[];
		readonly initContainerStatuses?: readonly RawContainerStatus[];
	};
}

/** A Deployment, a StatefulSet or a DaemonSet. */
export interface RawWorkload extends RawObject {
	/** `spec` as the API server wrote it. */
	readonly specText: string;
	readonly spec: {
		readonly replicas?: number;
		readonly paused?: boolean;
		readonly revisionHistoryLimit?: number;
		readonly progressDeadlineSeconds?: number;
		readonly selector?: { readonly matchLabels?: Words };
		readonly template?: { readonly metadata?: { readonly labels?: Words }; readonly spec?: RawPodSpec };
		readonly strategy?: { readonly type?: string };
		readonly updateStrategy?: {
			readonly type?: string;
			readonly rollingUpdate?: { readonly partition?: number };
		};
	};
	readonly status: {
		readonly observedGeneration?: number;
		readonly replicas?: number;
		readonly readyReplicas?: number;
		readonly updatedReplicas?: number;
		readonly availableReplicas?: number;
		readonly currentRevision?: string;
		readonly updateRevision?: string;
		readonly desiredNumberScheduled?: number;
		readonly updatedNumberScheduled?: number;
		/** The number of nodes that have a pod, and should have none. */
		readonly numberMisscheduled?: number;
		readonly numberAvailable?: number;
		readonly numberReady?: number;
		readonly conditions?: readonly RawCondition[];
	};
}

export interface RawReplicaSet extends RawObject {
	readonly spec: {
		readonly replicas?: number;
		readonly template?: { readonly metadata?: { readonly labels?: Words }; readonly spec?: RawPodSpec };
	};
	readonly status: { readonly replicas?: number; readonly readyReplicas?: number };
}

export interface RawControllerRevision extends RawObject {
	readonly revision: number;
}

export interface RawNode extends RawObject {
	readonly spec: {
		readonly unschedulable?: boolean;
		readonly taints?: readonly { readonly key?: string; readonly effect?: string }[];
	};
	readonly status: {
		readonly conditions?: readonly RawCondition[];
		readonly nodeInfo?: { readonly kubeletVersion?: string };
		readonly addresses?: readonly { readonly type?: string; readonly address?: string }[];
	};
}

/** An event of the cluster about one object. */
export interface RawEvent {
	readonly uid: string;
	/** The object that it is about. */
	readonly about: string;
	/** `Warning` or `Normal`. */
	readonly type: string;
	readonly reason: string;
	readonly message: string;
	readonly at: string;
	readonly count: number;
}
