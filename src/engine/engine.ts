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
import type { EngineShell } from './shell.ts';

/** The clock of the host that the engine runs on, as far as it is known. All in ms since the epoch. */
export interface EngineClock {
	/** The host's time now, at the earliest. */
	now(): number;
	/** Turns a time of the host into this machine's: the latest of the possible values. */
	toLocal(hostMs: number): number;
}

export interface EventOptions {
	/** ns since the epoch, the host's clock, inclusive. */
	readonly since?: bigint;
	/** Ends there; undefined: when the engine ends it. */
	readonly until?: bigint;
	readonly signal?: AbortSignal;
	/** Called when the engine has begun to listen: what changes from then on is not missed. */
	readonly onOpen?: () => void;
}

/** What the engine and its things are called, and how an operator would ask for them by hand. */
export interface EngineTerms {
	/** `Docker`. */
	readonly name: string;
	/** Commands that show what a check rests on, printed beside its result. `services`: undefined for all. */
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
	/** False: it works, only slower. */
	readonly isDirect: boolean;
	/** A short sentence without a full stop. */
	readonly reason: string;
}

/**
 * What runs the services of one target: the part of it that monitors, checks, logs and plans need. It knows which deployment it is
 * asked about. Each call rejects with a BackoutError (`failed` when the engine does not answer or says no), or with the
 * signal's reason, and has a time-out of its own. It holds no connection of its own and is not closed.
 */
export interface Engine {
	readonly kind: 'compose' | 'memory';
	/** What the deployment is called: its Compose project, or its stack. */
	readonly project: string;
	readonly terms: EngineTerms;
	readonly shell: EngineShell;
	readonly clock: EngineClock;
	/** The instances of the deployment, also stopped ones; without those that a person started for one command. */
	list(signal?: AbortSignal): Promise<readonly InstanceSummary[]>;
	/** Undefined when there is no such instance any more. */
	inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined>;
	/** Describes an instance; undefined when there is no such instance any more. */
	describe(id: string, signal?: AbortSignal): Promise<InstanceDescription | undefined>;
	/** Undefined when there is no such image any more. */
	image(id: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
	/** What happens to the deployment's instances, from `since` on. */
	events(options: EventOptions): AsyncGenerator<InstanceEvent, void, undefined>;
	/** A sample every two seconds until the instance ends; with `once` a single sample (takes one to two seconds). */
	usage(
		id: string,
		options: { readonly once?: boolean; readonly signal?: AbortSignal },
	): AsyncGenerator<Usage, void, undefined>;
	/** The log as bytes, in order. Unsanitised. */
	logs(id: string, options: LogOptions): AsyncGenerator<LogChunk, void, undefined>;
	/**
	 * True where streams of their own (a log followed, usage) cost nothing but a channel. Otherwise each would hold one of
	 * the few sessions that sshd allows.
	 */
	streams(): boolean;
	/**
	 * What should run, by the deployment's own files; remembered while it rests on the same ground. Rejects only with the signal's
	 * reason: files that cannot be read are an answer.
	 */
	desired(options?: DesiredOptions): Promise<DesiredAnswer>;
	/** Drops what is remembered of what should run: a run has ended, or the commit is another one. */
	forgetDesired(): void;
	/**
	 * What the deployment is. Rejects only with the signal's reason: where the host does not answer, `unknown` says so.
	 */
	deployment(options?: DeploymentOptions): Promise<DeploymentIdentity>;
	/**
	 * Finds out what is deployed and, for a procedure that makes instances anew, what would change of it. Changes nothing. Throws
	 * `unreachable`, and `failed` where the host cannot say what is deployed.
	 */
	planChanges(question: DeploymentQuestion): Promise<DeploymentPlan>;
	/** Reads what the engine noted in a restore point. What cannot be read of it is left out. */
	readKept(notes: KeptNotes): KeptDeployment;
	/** Finds out how the engine is reached. */
	reach(signal?: AbortSignal): Promise<Reach>;
}
