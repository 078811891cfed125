import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import type { FollowedLogs, FollowedService, LogSince } from '../../stores/followed-logs.ts';
import type { LogEntry } from '../../stores/log-page.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import { createContainerLog } from './container-log.ts';
import { FollowedContainers } from './follow-containers.ts';
import { LogHistory } from './log-history.ts';
import { type NotedLog, noteOf, noteOfEvent, withNotes } from './log-notes.ts';
import type { FollowEvent, LogReader } from './log-reader.ts';
import { createLiveMerger, type LiveMerger } from './merge-entries.ts';

export interface WatchLogsOptions {
	readonly services: readonly string[];
	readonly since: LogSince;
	/** Number of lines of each container when `since` is `newest`; default 2000. */
	readonly tail?: number;
	/** Values that are masked everywhere; if they cannot be read, secrets are recognised by their form only. */
	readonly secrets?: Promise<readonly string[]>;
	/** Receives lines in order, as they arrive. */
	readonly onLines: (entries: readonly LogEntry[]) => void;
	/** Receives lines older than all before; returns for how many of them there was room. */
	readonly onOlder?: (entries: readonly LogEntry[]) => number;
}

export interface WatchedLogs extends Pick<FollowedLogs, 'sources' | 'status' | 'older' | 'readOlder' | 'close'> {
	/** Set when all existing lines have been passed on. */
	readonly caughtUp: Readable<boolean>;
}

/** Time for which a line waits for older ones of other services, ms. */
const holdMs = 200;

/**
 * Follows the logs of services together: existing lines by Docker's times, then live, through restarts, into the next container, and after
 * a lost link from where it stopped. Notes between the lines say what happened. `status` reports a failure; it is retried until this is
 * closed.
 */
export const watchLogs = (instances: InstanceModel, options: WatchLogsOptions): WatchedLogs => {
	const watch = new MergedLogs(instances, options);
	return {
		sources: watch.sources,
		status: watch.containers.status,
		older: watch.history.older,
		caughtUp: watch.containers.caughtUp,
		readOlder: () => watch.readOlder(),
		close: () => watch.close(),
	};
};

/** The log of one container, with the source of its lines. */
interface Source extends NotedLog {
	/** True when its service had a container before. */
	readonly isNext: boolean;
}

class MergedLogs {
	readonly containers: FollowedContainers<readonly LogEntry[]>;
	readonly history: LogHistory;
	/** Sources by the number in their lines; grows when containers are added. */
	readonly sources = createStore<readonly FollowedService[]>([]);
	readonly #engine: Engine;
	readonly #options: WatchLogsOptions;
	/** Sources by container id. */
	readonly #logs = new Map<string, Source>();
	readonly #merger: LiveMerger;
	#secrets: readonly string[] = [];

	constructor(instances: InstanceModel, options: WatchLogsOptions) {
		const { engine } = instances;
		this.#engine = engine;
		this.#options = options;
		this.containers = new FollowedContainers(instances, {
			services: options.services,
			open: (details, siblings) => this.#open(details, siblings),
			readTail: (details, count) => this.history.readTail(details, count),
			onCaughtUp: () => this.#showTails(),
			onNew: (details) => this.#onNew(details),
			onRemoved: (id) => this.#remove(id),
			onRead: (follower, entries, events) => this.#onRead(follower.id, events, entries),
		});
		const { since, tail } = options;
		const { signal } = this.containers;
		this.history = new LogHistory(engine, { since, signal, ...(tail !== undefined && { tail }) });
		this.#merger = createLiveMerger(options.onLines, () => (this.containers.count > 1 ? holdMs : 0));
		void this.#run();
	}

	readOlder(): void {
		if (this.containers.caughtUp.get() && ['more', 'failed'].includes(this.history.older.get().state)) {
			void this.history.readOlder((entries) => this.#options.onOlder?.(entries) ?? 0);
		}
	}

	close(): void {
		this.containers.close();
		this.#merger.close();
	}

	async #run(): Promise<void> {
		this.#secrets = (await this.#options.secrets?.catch(() => [])) ?? [];
		await this.containers.run();
	}

	#open(details: Instance, siblings: number): LogReader<readonly LogEntry[]> {
		const label = siblings > 1 ? details.name.replace(`${this.#engine.project}-`, '') : details.service;
		const isNext = this.sources.get().some(({ service }) => service === details.service);
		const index = this.#sourceOf(details.service, label);
		const log = createContainerLog(this.#engine, details, { source: index, secrets: this.#secrets });
		this.#logs.set(details.id, {
			index,
			service: details.service,
			isNext,
			get newest() {
				return log.newest;
			},
		});
		this.history.add(details.id, log, this.containers.caughtUp.get());
		return {
			read: (now, range) => log.read({ since: this.history.since(now), ...range }),
			get wentOn() {
				return log.wentOn;
			},
			set wentOn(is) {
				log.wentOn = is;
			},
		};
	}

	/** Returns the index of a source; the next container of a service has the same one as the last. */
	#sourceOf(service: string, label: string): number {
		const known = this.sources.get();
		const index = known.findIndex((source) => source.label === label);
		if (index >= 0) {
			return index;
		}
		this.sources.set([...known, { service, label }]);
		return known.length;
	}

	#showTails(): void {
		this.#options.onLines(this.history.take());
		this.history.show();
	}

	#onNew({ id, service, name, createdAt }: Instance): void {
		const source = this.#logs.get(id);
		if (source?.isNext === true) {
			this.#merger.push([noteOf(source, `a new container of ${service}: ${name}, ${id.slice(0, 12)}`, createdAt)]);
		}
	}

	#remove(id: string): void {
		this.#logs.delete(id);
		this.history.remove(id);
	}

	#onRead(id: string, events: readonly FollowEvent[], entries: readonly LogEntry[] = []): void {
		const source = this.#logs.get(id);
		if (source === undefined || events.length === 0) {
			this.#merger.push(entries);
			return;
		}
		const notes = events.flatMap((event) => noteOfEvent(source, event, this.#engine) ?? []);
		this.#merger.push(withNotes(notes, entries));
	}
}
