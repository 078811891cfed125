import type { Duplex } from 'node:stream';
import type { ContainerLog } from './log.ts';

/** The files in an image by path, as its Dockerfile copied them. Images from elsewhere have none. */
export type Files = ReadonlyMap<string, string>;

export interface Image {
	/** `sha256:` and 64 hex digits, derived from the contents. */
	readonly id: string;
	readonly createdAt: bigint;
	readonly labels: Readonly<Record<string, string>>;
	readonly files: Files;
	readonly bytes: number;
	/** `name:tag`. */
	readonly tags: Set<string>;
}

/** The response to one HTTP request for a container's page. */
export interface Page {
	readonly status: number;
	readonly type: string;
	readonly body: string;
}

/** Streams of a command of `docker exec` or `docker run`. */
export interface CommandIo {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
	out(text: string | Uint8Array): void;
	error(text: string): void;
	/** All of standard input, as text. */
	input(): Promise<string>;
	/** Both directions, for a protocol of its own. */
	pipe(): Duplex;
}

/** A program that runs in a container. */
export interface Program {
	/** Ends it completely. */
	end(): void;
	/** The result of its health check; undefined when it has none. */
	readonly health?: () => { readonly ok: boolean; readonly output: string };
	/** Pages by the container's port. */
	readonly pages?: Readonly<Record<number, (path: string) => Page>>;
	/** CPU as a share of one core, and memory in bytes. */
	readonly use: () => { readonly cpu: number; readonly memory: number };
	/** Runs a command in the container and returns its exit code; undefined when there is no such program in it. */
	readonly exec?: (args: readonly string[], io: CommandIo) => Promise<number> | undefined;
	/** Its exit code when it is asked to stop. */
	readonly stopCode?: number;
}

export type Status = 'created' | 'running' | 'restarting' | 'exited' | 'removing';

/** The settings of a new container. */
export interface ContainerSpec {
	readonly name: string;
	readonly image: Image;
	/** The image as requested: a name, or an id. */
	readonly imageName: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly env: Readonly<Record<string, string>>;
	readonly entrypoint?: readonly string[];
	readonly command?: readonly string[];
	readonly restartPolicy: string;
	readonly mounts: readonly {
		readonly type: 'bind' | 'volume';
		readonly source: string;
		readonly target: string;
		readonly readOnly?: boolean;
	}[];
	/** `host` 0: not published. */
	readonly ports: readonly { readonly ip?: string; readonly host: number; readonly container: number }[];
	/** Its network mode; `networks` are all networks that it is in, by default only this one. */
	readonly network: string;
	readonly networks?: readonly string[];
	readonly aliases?: readonly string[];
	readonly healthcheck?: { readonly intervalMs: number; readonly retries: number; readonly test?: readonly string[] };
	readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

export interface Container extends Omit<ContainerSpec, 'restartPolicy' | 'name' | 'networks' | 'aliases'> {
	readonly id: string;
	name: string;
	/** Its names in each of its networks, by the network's name. */
	readonly networks: Map<string, readonly string[]>;
	readonly log: ContainerLog;
	createdAt: bigint;
	restartPolicy: string;
	status: Status;
	startedAt?: bigint;
	finishedAt?: bigint;
	exitCode: number;
	error: string;
	restarts: number;
	health?: 'starting' | 'healthy' | 'unhealthy';
	probes: { readonly at: bigint; readonly code: number; readonly output: string }[];
	program?: Program;
	/** Nanoseconds of processor time, for statistics. */
	cpuNanos: bigint;
}

/** A program's environment, and its actions. */
export interface ProgramSurroundings {
	readonly container: Container;
	log(line: string, stream?: 'stdout' | 'stderr'): void;
	/** Ends the container from inside. */
	exit(code: number): void;
	/** Tells if a container of that service runs in the same project. */
	runs(service: string): boolean;
}

export type StartProgram = (surroundings: ProgramSurroundings) => Program;

export interface EngineEvent {
	readonly nanos: bigint;
	readonly action: string;
	readonly container: Container;
	readonly exitCode?: number;
}

export const labels = {
	project: 'com.docker.compose.project',
	service: 'com.docker.compose.service',
	number: 'com.docker.compose.container-number',
	oneOff: 'com.docker.compose.oneoff',
	hash: 'com.docker.compose.config-hash',
	files: 'com.docker.compose.project.config_files',
	envFiles: 'com.docker.compose.project.environment_file',
	folder: 'com.docker.compose.project.working_dir',
	depends: 'com.docker.compose.depends_on',
	version: 'com.docker.compose.version',
	image: 'com.docker.compose.image',
} as const;
