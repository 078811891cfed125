import type {
	ImageDetails,
	Instance,
	InstanceDescription,
	InstanceEvent,
	InstanceSummary,
	LogChunk,
	LogOptions,
	Usage,
} from '../../../engine/instance.ts';

/** How Docker on the host is reached, and why this way. */
export interface DockerTransport {
	readonly kind: 'socket' | 'dial' | 'exec';
	/** A short sentence without a full stop. */
	readonly reason: string;
}

/**
 * The part of Docker this program uses. Each call rejects with a BackoutError (`failed` when Docker does not answer or
 * says no), or with the signal's reason. Every call has a time-out of its own.
 */
export interface DockerCalls {
	/** Containers of a Compose project, also stopped ones, without one-off containers (`compose run`). */
	list(project: string, signal?: AbortSignal): Promise<readonly InstanceSummary[]>;
	/** Undefined when there is no such container any more. */
	inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined>;
	/** The same with what it was created with, without its image. */
	describe(id: string, signal?: AbortSignal): Promise<InstanceDescription | undefined>;
	inspectImage(id: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
	/**
	 * Life-cycle events of a project's containers, from `since` (inclusive, ns) on; ends at `until`, else when Docker
	 * ends it. `onOpen` is called when Docker has begun to listen: what changes from then on is not missed.
	 */
	events(
		project: string,
		options: {
			readonly since?: bigint;
			readonly until?: bigint;
			readonly signal?: AbortSignal;
			readonly onOpen?: () => void;
		},
	): AsyncGenerator<InstanceEvent, void, undefined>;
	/** A sample every two seconds until the container ends; with `once` a single sample (takes one to two seconds). */
	stats(
		id: string,
		options: { readonly once?: boolean; readonly signal?: AbortSignal },
	): AsyncGenerator<Usage, void, undefined>;
	/** The log as bytes, in order. Unsanitised. */
	logs(id: string, options: LogOptions): AsyncGenerator<LogChunk, void, undefined>;
}

/** Actions of DockerEvent. The exec_* events of health checks are left out: one check a second makes three of them. */
export const eventActions = [
	'create',
	'start',
	'die',
	'kill',
	'stop',
	'restart',
	'destroy',
	'pause',
	'unpause',
	'rename',
	'oom',
	'health_status',
] as const;
