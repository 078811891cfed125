import type { Instance } from '../../engine/instance.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import { nextChange } from '../../services/instances/next-change.ts';
import type { FollowedLogs } from '../../stores/followed-logs.ts';
import { createStore } from '../../stores/store.ts';
import { ContainerFollower, type FollowerGroup } from './container-follower.ts';
import type { FollowEvent, LogReader, OutageNote } from './log-reader.ts';

/** Interval between searches for containers while no change is known, ms. */
const listMs = 1500;

export interface FollowContainersOptions<T> {
	readonly services: readonly string[];
	/** Follows one container at a time: the first that is listed, to its end. Default: all of them. */
	readonly one?: boolean;
	/** Opens the log of a container; `siblings`: how many containers its service has. */
	readonly open: (details: Instance, siblings: number) => LogReader<T>;
	/** Reads the existing lines of a log at the beginning; `count`: the number of containers. */
	readonly readTail?: (details: Instance, count: number) => Promise<void>;
	/** Called when the existing lines have been read. */
	readonly onCaughtUp?: () => void;
	/** Called when a container appears while others are followed. */
	readonly onNew?: (details: Instance) => void;
	readonly onRemoved?: (id: string) => void;
	readonly onRead: (follower: ContainerFollower<T>, chunk: T | undefined, events: readonly FollowEvent[]) => void;
}

interface Outage {
	readonly from: number;
	reason: string;
	isTold: boolean;
}

/**
 * Follows the logs of a project's services: has a follower for each container, and starts it whenever there may be more to read. `status`
 * reports a failure; it is retried until this is closed.
 */
export class FollowedContainers<T> implements FollowerGroup<T> {
	readonly instances: InstanceModel;
	readonly status = createStore<ReturnType<FollowedLogs['status']['get']>>(
		{ status: 'live' },
		(a, b) => a.status === b.status && a.reason === b.reason,
	);
	/** Set when the existing lines have been read. */
	readonly caughtUp = createStore(false);
	readonly #options: FollowContainersOptions<T>;
	readonly #aborter = new AbortController();
	readonly #followers = new Map<string, ContainerFollower<T>>();
	#outage: Outage | undefined;

	constructor(instances: InstanceModel, options: FollowContainersOptions<T>) {
		this.instances = instances;
		this.#options = options;
	}

	get signal(): AbortSignal {
		return this.#aborter.signal;
	}

	get count(): number {
		return this.#followers.size;
	}

	close(): void {
		this.#aborter.abort();
	}

	/** Follows until it is closed. */
	async run(): Promise<void> {
		while (!this.signal.aborted) {
			try {
				await this.#startAll(this.caughtUp.get() ? await this.#listed() : await this.#begin());
				this.onChange();
			} catch (error) {
				this.#lose(messageOf(error));
			}
			await nextChange(this.instances, listMs, this.signal);
		}
	}

	streams(): boolean {
		return this.instances.engine.streams() || this.#options.services.length === 1;
	}

	onRead(follower: ContainerFollower<T>, chunk: T | undefined, events: readonly FollowEvent[]): void {
		this.#options.onRead(follower, chunk, events);
	}

	onResumed(): OutageNote | undefined {
		const outage = this.#outage;
		if (outage === undefined) {
			return undefined;
		}
		const note = { from: outage.from, isFirst: !outage.isTold };
		outage.isTold = true;
		this.#endOutage();
		return note;
	}

	onLost({ service }: ContainerFollower<T>, error: unknown): void {
		this.#lose(this.#followers.size < 2 ? messageOf(error) : `${service}: ${messageOf(error)}`);
	}

	onChange(): void {
		this.#endOutage();
		this.#showStatus();
	}

	async #listed(): Promise<readonly Instance[]> {
		const { instances } = this;
		const known = instances.isLive ? instances.get().instances : await instances.takeKnown(this.signal);
		// Newest first, the order of Docker's list.
		const all = known.toSorted((a, b) => b.createdAt - a.createdAt);
		const ofServices = all.filter(({ service }) => this.#options.services.includes(service));
		if (this.#options.one !== true) {
			return ofServices;
		}
		const followed = ofServices.find(({ id }) => this.#followers.get(id)?.isBusy === true);
		return [followed ?? ofServices[0]].filter((summary) => summary !== undefined);
	}

	/** Reads the existing lines, and returns the containers. Throws when none of them could be read. */
	async #begin(): Promise<readonly Instance[]> {
		for (const id of this.#followers.keys()) {
			this.#remove(id);
		}
		const listed = await this.#listed();
		const read = await Promise.allSettled(listed.map((summary) => this.#readTail(summary, listed)));
		const failed = read.find((each) => each.status === 'rejected');
		if (failed !== undefined && !read.some(({ status }) => status === 'fulfilled')) {
			throw failed.reason;
		}
		this.#options.onCaughtUp?.();
		this.caughtUp.set(true);
		return listed;
	}

	async #readTail(summary: Instance, listed: readonly Instance[]): Promise<void> {
		const details = await this.instances.inspect(summary.id, this.signal);
		if (details !== undefined) {
			const follower = this.#add(details, listed);
			await follower.readTail(async () => this.#options.readTail?.(details, listed.length));
		}
	}

	#add(details: Instance, listed: readonly Instance[]): ContainerFollower<T> {
		const siblings = listed.filter(({ service }) => service === details.service).length;
		const follower = new ContainerFollower<T>(this, details, this.#options.open(details, siblings));
		this.#followers.set(details.id, follower);
		return follower;
	}

	/** Starts the followers of the listed containers, and closes those of others. */
	async #startAll(listed: readonly Instance[]): Promise<void> {
		for (const [id, { isBusy }] of this.#followers) {
			if (!isBusy && !listed.some((summary) => summary.id === id)) {
				this.#remove(id);
			}
		}
		await Promise.all(
			listed.map(async (summary) => {
				const follower = this.#followers.get(summary.id) ?? (await this.#addNew(summary, listed));
				follower?.start();
			}),
		);
	}

	async #addNew({ id }: Instance, listed: readonly Instance[]): Promise<ContainerFollower<T> | undefined> {
		const details = await this.instances.inspect(id, this.signal);
		if (details === undefined || this.#followers.has(id)) {
			return undefined;
		}
		const follower = this.#add(details, listed);
		this.#options.onNew?.(details);
		return follower;
	}

	#remove(id: string): void {
		this.#followers.delete(id);
		this.#options.onRemoved?.(id);
	}

	#lose(reason: string): void {
		if (this.signal.aborted) {
			return;
		}
		this.#outage ??= { from: Date.now(), reason, isTold: false };
		this.#outage.reason = reason;
		for (const follower of this.#followers.values()) {
			follower.lose();
		}
		this.#showStatus();
	}

	#endOutage(): void {
		const isBack = ![...this.#followers.values()].some(({ state }) => state === 'lost');
		if (this.#outage !== undefined && isBack) {
			this.#outage = undefined;
			this.#showStatus();
		}
	}

	#showStatus(): void {
		const followers = [...this.#followers.values()];
		if (this.#outage !== undefined) {
			this.status.set({ status: 'lost', reason: this.#outage.reason });
		} else if (!this.caughtUp.get() || followers.some(({ isRead }) => isRead)) {
			this.status.set({ status: 'live' });
		} else {
			const standing = followers.flatMap((follower) => follower.standing ?? []);
			const none = `there is no container of ${this.#options.services.join(', ')}`;
			this.status.set({
				status: 'ended',
				reason: followers.length === 0 ? none : [...new Set(standing)].join(', '),
			});
		}
	}
}
