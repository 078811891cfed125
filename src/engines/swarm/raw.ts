/** The fields of the Engine API's answers about a swarm that are used. Times are RFC 3339. */

export interface RawTaskSpec {
	readonly ContainerSpec?: {
		readonly Image?: string;
		readonly Command?: readonly string[] | null;
		readonly Args?: readonly string[] | null;
		readonly Env?: readonly string[] | null;
		readonly Dir?: string;
		readonly User?: string;
		readonly TTY?: boolean;
		readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
		readonly Mounts?: readonly RawMount[] | null;
	};
	readonly RestartPolicy?: { readonly Condition?: string };
	readonly Placement?: {
		readonly Constraints?: readonly string[] | null;
		readonly Platforms?: readonly RawPlatform[] | null;
	};
	readonly LogDriver?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> | null };
}

export interface RawMount {
	readonly Type?: string;
	readonly Source?: string;
	readonly Target?: string;
	readonly ReadOnly?: boolean;
}

export interface RawPlatform {
	readonly Architecture?: string;
	readonly OS?: string;
}

export interface RawTask {
	readonly ID: string;
	readonly CreatedAt?: string;
	readonly ServiceID?: string;
	readonly NodeID?: string;
	readonly Slot?: number;
	readonly Spec?: RawTaskSpec;
	readonly DesiredState?: string;
	readonly Status?: {
		readonly Timestamp?: string;
		readonly State?: string;
		readonly Message?: string;
		readonly Err?: string;
		readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
	};
	readonly JobIteration?: { readonly Index?: number };
	readonly NetworksAttachments?:
		| readonly { readonly Network?: { readonly Spec?: { readonly Name?: string } } }[]
		| null;
}

export interface RawPort {
	readonly Protocol?: string;
	readonly TargetPort?: number;
	readonly PublishedPort?: number;
}

export interface RawService {
	readonly ID: string;
	readonly Version?: { readonly Index?: number };
	readonly UpdatedAt?: string;
	readonly Spec?: {
		readonly Name?: string;
		readonly Labels?: Readonly<Record<string, string>> | null;
		readonly TaskTemplate?: RawTaskSpec;
		readonly Mode?: {
			readonly Replicated?: { readonly Replicas?: number };
			readonly Global?: object;
			readonly ReplicatedJob?: { readonly TotalCompletions?: number; readonly MaxConcurrent?: number };
			readonly GlobalJob?: object;
		};
		readonly EndpointSpec?: { readonly Ports?: readonly RawPort[] | null };
	};
	readonly UpdateStatus?: { readonly State?: string; readonly CompletedAt?: string; readonly Message?: string };
	readonly ServiceStatus?: { readonly DesiredTasks?: number };
	readonly JobStatus?: { readonly JobIteration?: { readonly Index?: number } };
}

export interface RawNode {
	readonly ID: string;
	readonly Spec?: {
		readonly Role?: string;
		readonly Availability?: string;
		readonly Labels?: Readonly<Record<string, string>> | null;
	};
	readonly Description?: {
		readonly Hostname?: string;
		readonly Platform?: RawPlatform;
		readonly Engine?: { readonly EngineVersion?: string; readonly Labels?: Readonly<Record<string, string>> | null };
	};
	readonly Status?: { readonly State?: string; readonly Message?: string; readonly Addr?: string };
	readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string };
}

/** The part of `GET /info` about the swarm. */
export interface RawInfo {
	readonly Name?: string;
	readonly Swarm?: {
		readonly NodeID?: string;
		readonly LocalNodeState?: string;
		readonly ControlAvailable?: boolean;
		readonly Error?: string;
		readonly RemoteManagers?: readonly { readonly NodeID?: string; readonly Addr?: string }[] | null;
	};
}
