/** What the list of containers says; cheap to ask for. */
export interface InstanceSummary {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	/** created, running, paused, restarting, removing, exited, dead. */
	readonly status: string;
	/** Docker's own words: `Up 3 minutes (healthy)`. */
	readonly words: string;
	/** The folder that Compose made it in, as its label says it. */
	readonly folder?: string;
}

export interface HealthProbe {
	/** ms since the epoch, the host's clock. */
	readonly endedAt: number;
	readonly exitCode: number;
	readonly output: string;
}

/** What an inspection says of a container. Times are ms since the epoch by the host's clock. */
export interface Instance {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	readonly status: string;
	/** healthy, unhealthy, starting; undefined where there is no health check. */
	readonly health?: string;
	/** The newest probes, oldest first; Docker keeps five. */
	readonly probes: readonly HealthProbe[];
	readonly exitCode?: number;
	readonly oomKilled: boolean;
	/** Why Docker could not start it. */
	readonly error: string;
	/** Restarts by Docker's restart policy since the container was created. */
	readonly restarts: number;
	readonly createdAt: number;
	readonly startedAt?: number;
	readonly finishedAt?: number;
	/** Start of the current run's log, ns; undefined: the whole log belongs to it. */
	readonly logFrom?: bigint;
	readonly image: string;
	readonly imageId: string;
	readonly tty: boolean;
	/** How its log is kept: the driver, and at what size a file is rotated, where that is said. */
	readonly log?: { readonly driver: string; readonly maxSize?: string };
	/** no, always, unless-stopped, on-failure. */
	readonly restartPolicy: string;
	readonly publishesPorts: boolean;
	/** What the engine calls the deployment that it is of. */
	readonly project?: string;
	/** A hash of all that it is made of: image name, environment, mounts, command. */
	readonly configuration?: string;
	/** Services for whose successful end its service waits. */
	readonly waitsForEndOf?: readonly string[];
}

/** An instance with the settings that it was created with: all that an operator asks for when one misbehaves. Nothing is masked. */
export interface InstanceDescription {
	readonly instance: Instance;
	/** Undefined where the image is not on the host any more. */
	readonly image?: ImageDetails;
	/** The entry point and its arguments. */
	readonly command: readonly string[];
	/** Empty: the image's own. */
	readonly user: string;
	readonly workingDirectory: string;
	readonly ports: readonly PortMapping[];
	readonly mounts: readonly Mount[];
	/** `NAME` and value, in the engine's order. */
	readonly environment: readonly (readonly [name: string, value: string])[];
	readonly networks: readonly string[];
	/** The command of its health check; undefined where it has none. */
	readonly healthCheck?: readonly string[];
	/** A command that opens a shell in it, for an operator to type on the host. */
	readonly shellCommand: string;
}

export interface PortMapping {
	/** `8080/tcp`, inside. */
	readonly container: string;
	/** `127.0.0.1:8080`, on the host; undefined where it is not published. */
	readonly host?: string;
}

export interface Mount {
	/** bind, volume, tmpfs. */
	readonly kind: string;
	/** The name of a volume, or a path on the host; empty for a tmpfs. */
	readonly source: string;
	/** The path inside. */
	readonly target: string;
	readonly readOnly: boolean;
}

export interface InstanceEvent {
	readonly id: string;
	/** create, start, die, kill, stop, restart, destroy, pause, unpause, rename, oom, health_status. */
	readonly action: string;
	/** `healthy` or `unhealthy` for health_status. */
	readonly detail?: string;
	readonly service: string;
	/** Exit code, for `die`. */
	readonly exitCode?: number;
	/** ns since the epoch, the host's clock. */
	readonly nanos: bigint;
}

/** One sample of a container's use, in the terms of `docker stats`. */
export interface Usage {
	/** Per cent of one core; undefined until two samples are known. */
	readonly cpuPercent?: number;
	readonly memoryBytes?: number;
	readonly memoryLimitBytes?: number;
}

export interface LogOptions {
	/** ns since the epoch, the host's clock, inclusive. */
	readonly since?: bigint;
	readonly until?: bigint;
	/** At most so many of the newest lines. */
	readonly tail?: number;
	readonly follow?: boolean;
	/** Put Docker's time before each line. */
	readonly timestamps?: boolean;
	/** The container has a terminal: its log is not framed. Asked for when not given; not waited for before the log is. */
	readonly tty?: boolean | Promise<boolean>;
	readonly signal?: AbortSignal;
}

export interface LogChunk {
	readonly stream: 'stdout' | 'stderr';
	/** Whether a frame of Docker's begins here: a line, or a piece of one of more than 16 kB. */
	readonly begins?: boolean;
	readonly bytes: Buffer;
}

export interface ImageDetails {
	readonly id: string;
	readonly tags: readonly string[];
	/** ms since the epoch. */
	readonly createdAt: number;
	/** The commit that it says it was built from. */
	readonly revision?: string;
}
