import type {
	ImageDetails,
	ImageLayer,
	Instance,
	InstanceDescription,
	InstanceEvent,
	InstanceSummary,
	LogChunk,
	LogOptions,
	Usage,
} from '../../engine/instance.ts';
import type { ApiClient } from './api-client.ts';

/** The way Docker on the host is reached, and why. */
export interface DockerTransport {
	readonly kind: 'socket' | 'dial' | 'exec';
	/** A short sentence without a full stop. */
	readonly reason: string;
}

/**
 * The part of Docker that this program uses. Each call rejects with a BackoutError (`failed` when Docker does not answer or refuses),
 * or with the signal's reason. Every call has its own timeout.
 */
export interface DockerCalls {
	/** The Engine API itself, for what the calls below do not cover; undefined with the command line. */
	readonly client?: ApiClient;
	/** Lists the containers of a Compose project, stopped ones too, without one-off containers (`compose run`). */
	list(project: string, signal?: AbortSignal): Promise<readonly InstanceSummary[]>;
	/** Inspects a container; undefined when it no longer exists. */
	inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined>;
	/** Inspects a container with the settings it was created with, without its image. */
	describe(id: string, signal?: AbortSignal): Promise<InstanceDescription | undefined>;
	inspectImage(id: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
	/** The layers of an image, the newest first; undefined when there is no such image any more. */
	imageHistory(id: string, signal?: AbortSignal): Promise<readonly ImageLayer[] | undefined>;
	/**
	 * Yields life-cycle events of a project's containers from `since` (inclusive, ns) until `until`, or until Docker ends the stream.
	 * `onOpen` is called when Docker has begun to listen: later changes are not missed.
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
	/** Yields a sample every two seconds until the container ends; with `once` a single sample (takes one to two seconds). */
	stats(
		id: string,
		options: { readonly once?: boolean; readonly signal?: AbortSignal },
	): AsyncGenerator<Usage, void, undefined>;
	/** Yields the log as bytes, in order. Unsanitised. */
	logs(id: string, options: LogOptions): AsyncGenerator<LogChunk, void, undefined>;
}

/** The actions of DockerEvent, without the exec_* events of health checks: a check per second makes three of them. */
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
