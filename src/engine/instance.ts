/** An entry of the list of containers; cheap to read. */
export interface InstanceSummary {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	/** One of created, running, paused, restarting, removing, exited, dead. */
	readonly status: string;
	/** Docker's own description: `Up 3 minutes (healthy)`. */
	readonly words: string;
	/** The folder in which Compose created it, from its label. */
	readonly folder?: string;
}

export interface HealthProbe {
	/** End of the probe, ms since the epoch by the host's clock. */
	readonly endedAt: number;
	readonly exitCode: number;
	readonly output: string;
}

/** The result of inspecting a container. Times are ms since the epoch by the host's clock. */
export interface Instance {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	readonly status: string;
	/** One of healthy, unhealthy, starting; undefined without a health check. */
	readonly health?: string;
	/** The newest probes, oldest first; Docker keeps at most five. */
	readonly probes: readonly HealthProbe[];
	/** The number of probes that have failed since one passed; undefined where the engine does not count them. */
	readonly failingProbes?: number;
	readonly exitCode?: number;
	readonly oomKilled: boolean;
	/** The reason why Docker could not start it. */
	readonly error: string;
	/** Restarts by Docker's restart policy since the container was created. */
	readonly restarts: number;
	readonly createdAt: number;
	readonly startedAt?: number;
	readonly finishedAt?: number;
	/** Start of the current process's log, ns; undefined: the whole log belongs to it. */
	readonly logFrom?: bigint;
	readonly image: string;
	readonly imageId: string;
	readonly tty: boolean;
	/** The log driver, the size at which it rotates a file, and the number of files that it keeps, where set. */
	readonly log?: { readonly driver: string; readonly maxSize?: string; readonly maxFiles?: number };
	/** One of no, always, unless-stopped, on-failure. */
	readonly restartPolicy: string;
	/** True when it does not run, and the engine goes on trying to start it: waiting may help, whatever its status is. */
	readonly isRetried?: true;
	readonly publishesPorts: boolean;
	/** The engine's name for its deployment. */
	readonly project?: string;
	/** Name of the machine that it is on, where the engine has several. */
	readonly node?: string;
	/** A hash of its configuration: image name, environment, mounts, command. */
	readonly configuration?: string;
	/** Services that must end successfully before its service starts. */
	readonly waitsForEndOf?: readonly string[];
}

/** An instance with the settings that it was created with: everything an operator needs when it misbehaves. Nothing is masked. */
export interface InstanceDescription {
	readonly instance: Instance;
	/** Undefined when the image is no longer on the host, or nothing more is known of it. */
	readonly image?: ImageDetails;
	/** The reason why nothing more is known of the image; undefined: it is gone. */
	readonly imageUnknown?: string;
	/** How its image was made, the newest layer first; undefined where the engine does not say. */
	readonly imageHistory?: readonly ImageLayer[];
	/** The entry point and its arguments. */
	readonly command: readonly string[];
	/** Empty: the user of the image. */
	readonly user: string;
	readonly workingDirectory: string;
	readonly ports: readonly PortMapping[];
	readonly mounts: readonly Mount[];
	/** Pairs of `NAME` and value, in the engine's order. */
	readonly environment: readonly (readonly [name: string, value: string])[];
	readonly networks: readonly string[];
	/** The command of its health check; undefined without one. */
	readonly healthCheck?: readonly string[];
	/** The reason why its CPU and memory are not read; undefined where they are. */
	readonly noUsage?: string;
	/** A command that opens a shell in it, for an operator to type on the host. */
	readonly shellCommand: string;
}

/** One entry of an image's history. */
export interface ImageLayer {
	/** ms since the epoch; undefined where the image does not say: reproducible builds have no time. */
	readonly createdAt?: number;
	/** The command that made it, as the engine has it. Unsanitised. */
	readonly command: string;
	/** What it added, bytes. */
	readonly bytes: number;
}

export interface PortMapping {
	/** The port inside the container: `8080/tcp`. */
	readonly container: string;
	/** Address and port on the host: `127.0.0.1:8080`; undefined when not published. */
	readonly host?: string;
}

export interface Mount {
	/** One of bind, volume, tmpfs. */
	readonly kind: string;
	/** Name of the volume, or a path on the host; empty for a tmpfs. */
	readonly source: string;
	/** The path inside the container. */
	readonly target: string;
	readonly readOnly: boolean;
}

export interface InstanceEvent {
	readonly id: string;
	/** One of create, start, die, kill, stop, restart, destroy, pause, unpause, rename, oom, health_status. */
	readonly action: string;
	/** `healthy` or `unhealthy`, for health_status. */
	readonly detail?: string;
	readonly service: string;
	/** Exit code, for `die`. */
	readonly exitCode?: number;
	/** ns since the epoch, the host's clock. */
	readonly nanos: bigint;
}

/** One sample of a container's resource usage, in the terms of `docker stats`. */
export interface Usage {
	/** Per cent of one core; undefined until there are two samples. */
	readonly cpuPercent?: number;
	readonly memoryBytes?: number;
	readonly memoryLimitBytes?: number;
}

export interface LogOptions {
	/** ns since the epoch, the host's clock, inclusive. */
	readonly since?: bigint;
	readonly until?: bigint;
	/** Maximum number of lines, counted from the newest. */
	readonly tail?: number;
	readonly follow?: boolean;
	/** Prefix each line with Docker's timestamp. */
	readonly timestamps?: boolean;
	/** True when the container has a terminal, so its log is not framed. Read from Docker if not given; the log does not wait for it. */
	readonly tty?: boolean | Promise<boolean>;
	readonly signal?: AbortSignal;
}

export interface LogChunk {
	readonly stream: 'stdout' | 'stderr';
	/** True when one of Docker's frames begins here: a line, or a part of a line over 16 kB. */
	readonly begins?: boolean;
	readonly bytes: Buffer;
}

export interface ImageDetails {
	readonly id: string;
	readonly tags: readonly string[];
	/** ms since the epoch. */
	readonly createdAt: number;
	/** The commit in the image's label. */
	readonly revision?: string;
}
