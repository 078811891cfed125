import type { DeploymentIdentity, DeploymentOptions, DeploymentPlan, DeploymentQuestion } from './deployment.ts';
import type { DesiredAnswer, DesiredOptions } from './desired.ts';
import type {
	ImageDetails,
	Instance,
	InstanceDescription,
	InstanceEvent,
	InstanceSummary,
	LogChunk,
	LogOptions,
	Usage,
} from './instance.ts';
import type { KeptDeployment, KeptNotes } from './kept.ts';
import type { EngineNode } from './node.ts';
import type { ServiceRollout } from './rollout.ts';
import type { EngineShell } from './shell.ts';

/** The clock of the engine's host, as far as it is known. All times are ms since the epoch. */
export interface EngineClock {
	/** The earliest possible time on the host now. */
	now(): number;
	/** Converts a time of the host into this machine's time: the latest of the possible values. */
	toLocal(hostMs: number): number;
}

export interface EventOptions {
	/** ns since the epoch, the host's clock, inclusive. */
	readonly since?: bigint;
	/** The end, ns since the epoch; undefined: until the engine ends the stream. */
	readonly until?: bigint;
	readonly signal?: AbortSignal;
	/** Called when the engine has begun to listen: later changes are not missed. */
	readonly onOpen?: () => void;
}

/** The engine's words for its things, and the commands with which an operator would read them. */
export interface EngineTerms {
	/** Name of the engine, for example `Docker`. */
	readonly name: string;
	/** Commands that print what a check rests on, shown beside its result. `services` undefined: all services. */
	readonly asks: {
		instances(services?: readonly string[]): string;
		/** The instances, and what should run. */
		desired(): string;
		/** The images that services run. */
		images(services: readonly string[]): string;
		/** The log of a service. */
		logs(service: string): string;
	};
}

/** How the engine is reached, for `doctor`. */
export interface Reach {
	/** False when it works, but slower. */
	readonly isDirect: boolean;
	/** A short sentence without a full stop. */
	readonly reason: string;
}

/**
 * What runs the services of one target: the part that monitors, checks, logs and plans need. It knows its deployment. Each call
 * rejects with a BackoutError (`failed` when the engine does not answer or refuses), or with the signal's reason, and has its own
 * timeout. It keeps no connection of its own and need not be closed.
 */
export interface Engine {
	readonly kind: 'compose' | 'swarm' | 'kubernetes' | 'memory';
	/** Name of the deployment: its Compose project, its stack, or its namespace with the selector. */
	readonly project: string;
	readonly terms: EngineTerms;
	readonly shell: EngineShell;
	readonly clock: EngineClock;
	/** Lists the deployment's instances, stopped ones too, without those that a person started for one command. */
	list(signal?: AbortSignal): Promise<readonly InstanceSummary[]>;
	/** Inspects an instance; undefined when it no longer exists. */
	inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined>;
	/** Describes an instance; undefined when it no longer exists. */
	describe(id: string, signal?: AbortSignal): Promise<InstanceDescription | undefined>;
	/** Reads an image; undefined when it no longer exists. */
	image(id: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
	/**
	 * The command that opens a shell in an instance, for a terminal of the host: bash where the image has it, else sh. Throws a TypeError
	 * for what is no id of an instance.
	 */
	shellIn(id: string): string;
	/** Follows the events of the deployment's instances, from `since` on. */
	events(options: EventOptions): AsyncGenerator<InstanceEvent, void, undefined>;
	/** Yields a sample every two seconds until the instance ends; with `once` a single sample (takes one to two seconds). */
	usage(
		id: string,
		options: { readonly once?: boolean; readonly signal?: AbortSignal },
	): AsyncGenerator<Usage, void, undefined>;
	/**
	 * Yields samples of all these instances together, at little cost to the host: one, another a second later, then one every two seconds.
	 * If there are many, some are in every sample, and the others in turn. Undefined: it cannot be read. Ends where none can be read in this way:
	 * `usage` reads each.
	 *
	 * @param ids called before each sample: they may change
	 */
	usageOfAll(
		ids: () => readonly string[],
		options: { readonly signal: AbortSignal },
	): AsyncGenerator<ReadonlyMap<string, Usage | undefined>, void, undefined>;
	/** Yields the log as bytes, in order. Unsanitised. */
	logs(id: string, options: LogOptions): AsyncGenerator<LogChunk, void, undefined>;
	/**
	 * True when a stream (a followed log, usage) costs only a channel. Otherwise each would occupy one of the few sessions that sshd
	 * allows.
	 */
	streams(): boolean;
	/**
	 * Says what should run according to the deployment's files; cached while the ground is the same. Rejects only with the signal's
	 * reason: unreadable files are an answer.
	 */
	desired(options?: DesiredOptions): Promise<DesiredAnswer>;
	/** Drops the cached answer, after a run or when the commit has changed. */
	forgetDesired(): void;
	/** Identifies the deployment. Rejects only with the signal's reason: if the host does not answer, `unknown` says so. */
	deployment(options?: DeploymentOptions): Promise<DeploymentIdentity>;
	/**
	 * Finds out what is deployed and, for a procedure that creates new instances, what would change. Changes nothing. Throws
	 * `unreachable`, and `failed` if the host cannot say what is deployed.
	 */
	planChanges(question: DeploymentQuestion): Promise<DeploymentPlan>;
	/** Reads what the engine saved in a restore point. Unreadable parts are left out. */
	readKept(notes: KeptNotes): KeptDeployment;
	/** Reads the machines of the engine; undefined for one that has only its host. */
	nodes?(signal?: AbortSignal): Promise<readonly EngineNode[]>;
	/**
	 * Reads how far each service is what it should be; undefined for an engine that changes nothing by itself.
	 *
	 * @param facts what the steps of the run that is verified have noted: a service may be well, and not be what that run has made of it
	 */
	rollouts?(signal?: AbortSignal, facts?: Readonly<Record<string, string>>): Promise<readonly ServiceRollout[]>;
	/**
	 * Reads which run on another host has the lock that all hosts of the deployment share; undefined while none has. In the form of the file
	 * `owner` (services/runner/client/lock.ts), as `EngineShell.sharedLock` prints it.
	 */
	lockedElsewhere?(signal?: AbortSignal): Promise<string | undefined>;
	/** Finds out how the engine is reached. */
	reach(signal?: AbortSignal): Promise<Reach>;
}
