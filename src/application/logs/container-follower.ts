import type { Instance } from '../../engine/instance.ts';
import { sleep } from '../../services/host/sleep.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import type { FollowEvent, LogReader, OutageNote } from './log-reader.ts';

/** Wait before a container whose log is not streamed is read again, ms. */
const pollMs = 1500;
/** Wait after a stream was broken off, ms. */
const brokenMs = 300;

/**
 * The state of following one container's log. `tail`: the existing lines are read; `live`: it runs, and is read; `ended`: it has stopped,
 * and is read to its end; `lost`: its stream was broken off, or it cannot be read; `gone`: it was removed.
 */
export type FollowerState = 'tail' | 'live' | 'ended' | 'lost' | 'gone';

/** State that the followers of one project share. */
export interface FollowerGroup<T> {
	readonly instances: Pick<InstanceModel, 'inspect'>;
	readonly signal: AbortSignal;
	/** True when the log of a running container is streamed; else it is read at intervals. */
	streams(): boolean;
	/** Receives the lines that were read, and the events before them. */
	onRead(follower: ContainerFollower<T>, chunk: T | undefined, events: readonly FollowEvent[]): void;
	/** Called when it can be read again: returns the outage that is now over. */
	onResumed(): OutageNote | undefined;
	onLost(follower: ContainerFollower<T>, error: unknown): void;
	/** Called when its state has changed. */
	onChange(): void;
}

const noEvents: readonly FollowEvent[] = [];
/** Returns a key that differs between two starts of a container. */
const runOf = ({ id, startedAt }: Instance): string => `${id} ${startedAt}`;
const isRunning = ({ status }: Instance): boolean => status === 'running' || status === 'paused';

/** Follows one container's log: its last lines, then live, through restarts and losses, until it is stopped or removed. */
export class ContainerFollower<T> {
	readonly id: string;
	readonly service: string;
	readonly reader: LogReader<T>;
	readonly #group: FollowerGroup<T>;
	#state: FollowerState = 'tail';
	#isBusy = false;
	/** The start of the container that was read last. */
	#run: string;
	/** The start of the container that has ended and was read completely. */
	#endedRun: string | undefined;
	/** The container as first inspected, for the first read. */
	#opened: Instance | undefined;
	#standing: string | undefined;

	constructor(group: FollowerGroup<T>, details: Instance, reader: LogReader<T>) {
		this.id = details.id;
		this.service = details.service;
		this.reader = reader;
		this.#group = group;
		this.#run = runOf(details);
		this.#opened = details;
	}

	get state(): FollowerState {
		return this.#state;
	}

	get isBusy(): boolean {
		return this.#isBusy;
	}

	/** True when it runs and is being read, or is about to be. */
	get isRead(): boolean {
		return this.#isBusy && (this.#state === 'live' || this.#state === 'lost');
	}

	/** Describes the container's state if it is not running: `engine is exited`. */
	get standing(): string | undefined {
		return this.#standing;
	}

	/** Reads the existing lines. */
	async readTail(read: () => Promise<void>): Promise<void> {
		try {
			await read();
		} catch (error) {
			this.#state = 'lost';
			throw error;
		}
	}

	/** Follows the log, unless it already does. It can be started again after any end. */
	start(): void {
		if (!this.#isBusy) {
			this.#isBusy = true;
			void this.#follow();
		}
	}

	/** Marks the log as lost, unless it is being read or has nothing more to read. */
	lose(): void {
		if (!this.isRead && this.#state !== 'ended' && this.#state !== 'gone') {
			this.#state = 'lost';
		}
	}

	async #follow(): Promise<void> {
		const { signal } = this.#group;
		try {
			while (!signal.aborted && (await this.#readRun())) {}
		} catch (error) {
			this.#state = 'lost';
			this.#group.onLost(this, error);
		} finally {
			this.#isBusy = false;
			this.#group.onChange();
		}
	}

	/** Reads until Docker ends the log, or breaks it off. False when nothing more is expected for now. */
	async #readRun(): Promise<boolean> {
		const { instances, signal } = this.#group;
		const details = this.#opened ?? (await instances.inspect(this.id, signal));
		this.#opened = undefined;
		if (details === undefined) {
			this.#state = 'gone';
			this.#standing = undefined;
			return false;
		}
		const run = runOf(details);
		if (!isRunning(details) && this.#endedRun === run) {
			this.#state = 'ended';
			this.#standing = this.#standingOf(details);
			return false;
		}
		const isNewRun = this.#run !== run;
		this.#run = run;
		const follow = isRunning(details) && this.#group.streams();
		await this.#read(details, isNewRun, follow);
		const after = await instances.inspect(this.id, signal);
		if (after === undefined || runOf(after) !== run) {
			return true;
		}
		if (!isRunning(after)) {
			this.#endedRun = run;
			this.#state = 'ended';
			this.#standing = this.#standingOf(after);
			this.#group.onRead(this, undefined, [{ kind: 'ended', details: after }]);
			return true;
		}
		if (follow) {
			this.#state = 'lost';
		}
		await sleep(follow ? brokenMs : pollMs, signal);
		return true;
	}

	#standingOf({ status }: Instance): string {
		return `${this.service} is ${status}`;
	}

	async #read(details: Instance, isNewRun: boolean, follow: boolean): Promise<void> {
		const { signal } = this.#group;
		let started: readonly FollowEvent[] = isNewRun ? [{ kind: 'started', details }] : noEvents;
		this.#standing = undefined;
		if (this.#state !== 'lost') {
			this.#state = 'live';
		}
		this.#group.onChange();
		for await (const chunk of this.reader.read(details, { follow, signal })) {
			this.#push(chunk, started);
			started = noEvents;
		}
		if (this.#state === 'lost' || started.length > 0) {
			this.#push(undefined, started);
		}
	}

	#push(chunk: T | undefined, started: readonly FollowEvent[]): void {
		const isResumed = this.#state === 'lost' || !this.reader.wentOn;
		this.#group.onRead(this, chunk, isResumed ? [this.#resume(), ...started] : started);
	}

	#resume(): FollowEvent {
		const isComplete = this.reader.wentOn;
		this.reader.wentOn = true;
		this.#state = 'live';
		const outage = this.#group.onResumed();
		return { kind: 'resumed', isComplete, ...(outage !== undefined && { outage }) };
	}
}
