import type { Engine } from '../../engine/engine.ts';
import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { messageOf } from '../../runbook/errors.ts';
import { sleep } from '../../services/host/sleep.ts';
import type { FollowedLogs, FollowedService, LogSince, OlderLines } from '../../stores/followed-logs.ts';
import type { LogEntry } from '../../stores/log-page.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import { type ContainerLog, createContainerLog } from './container-log.ts';
import { createLiveMerger, mergeEntries } from './merge-entries.ts';

export interface WatchLogsOptions {
	readonly services: readonly string[];
	readonly since: LogSince;
	/** Where `since` is `newest`: how many lines of each container; 2000 unless given. */
	readonly tail?: number;
	/** Values that are masked wherever they stand; where they cannot be had, secrets are known by their form only. */
	readonly secrets?: Promise<readonly string[]>;
	/** Lines in their order, as they come. */
	readonly onLines: (entries: readonly LogEntry[]) => void;
	/** Lines before all that came so far; gives how many of them there was room for. */
	readonly onOlder?: (entries: readonly LogEntry[]) => number;
}

export interface WatchedLogs extends Pick<FollowedLogs, 'sources' | 'status' | 'older' | 'readOlder' | 'close'> {
	/** Set when the lines that are there already have all been given. */
	readonly caughtUp: Readable<boolean>;
}

/** How many of the newest lines of a container a log begins with. */
const tailLines = 2000;
/** How many lines are read at the most, of all containers together, where a time is given. */
const mostLines = 60_000;
/** How many older lines are read at a time. */
const pageLines = 5000;
/** How long to wait before containers are looked at again, ms. */
const lookMs = 1500;
/** How long a line waits for older ones of other services, ms. */
const holdMs = 200;

interface Source {
	readonly index: number;
	readonly id: string;
	readonly service: string;
	readonly log: ContainerLog;
	/** Read, but older than what of another service is in memory. */
	reserve: readonly LogEntry[];
	/** Nothing before what was read. */
	whole: boolean;
	/** Somebody sees to it. */
	busy: boolean;
	/** It runs, and is read. */
	active: boolean;
	/** Which start of the container was read last. */
	run: string;
	/** Which start of the container has ended and was read to its end. */
	ended: string | undefined;
	/** Its stream was broken off. */
	broken: boolean;
}

const text = new TextEncoder();
const two = (value: number) => String(value).padStart(2, '0');
const clock = (time: number): string => {
	const date = new Date(time);
	return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};
const runOf = ({ id, startedAt }: Instance): string => `${id} ${startedAt}`;
const isRunning = ({ status }: { readonly status: string }) => status === 'running' || status === 'paused';

/**
 * Follows the logs of services together: what is there, by Docker's times, then live, on through restarts, into the next
 * container, and after a lost link where it was left. Notes between the lines say what happened. A failure is said in
 * `status` and tried again until it is closed.
 */
export const watchLogs = (engine: Engine, options: WatchLogsOptions): WatchedLogs => {
	const aborter = new AbortController();
	const { signal } = aborter;
	const all = new Map<string, Source>();
	const sources = createStore<readonly FollowedService[]>([]);
	const status = createStore<ReturnType<FollowedLogs['status']['get']>>(
		{ status: 'live' },
		(a, b) => a.status === b.status && a.reason === b.reason,
	);
	const older = createStore<OlderLines>({ state: 'reading' });
	const caughtUp = createStore(false);
	let secrets: readonly string[] = [];
	let outage: { readonly at: number; reason: string; told: boolean } | undefined;
	/** Where containers were last seen to stand, in words, while none of them runs. */
	const stands = new Map<string, string>();
	const merger = createLiveMerger(options.onLines, () => (all.size > 1 ? holdMs : 0));
	const openedAt = engine.clock.now();

	const note = ({ index }: Source, words: string, time: number): LogEntry => ({
		source: index,
		note: true,
		time,
		bytes: text.encode(`── ${words}`),
	});
	const showStatus = () => {
		const running = [...all.values()].some(({ active }) => active);
		status.set(
			outage !== undefined
				? { status: 'lost', reason: outage.reason }
				: running || !caughtUp.get()
					? { status: 'live' }
					: {
							status: 'ended',
							reason:
								all.size === 0
									? `there is no container of ${options.services.join(', ')}`
									: [...stands.values()].join(', '),
						},
		);
	};
	const lost = (error: unknown, service?: string) => {
		if (!signal.aborted) {
			outage ??= { at: Date.now(), reason: '', told: false };
			outage.reason = service === undefined || all.size < 2 ? messageOf(error) : `${service}: ${messageOf(error)}`;
			for (const source of all.values()) {
				// What is not being read now would have been.
				source.broken ||= !source.active && source.ended === undefined;
			}
			showStatus();
		}
	};
	const isBack = () => {
		if (outage !== undefined && ![...all.values()].some(({ broken }) => broken)) {
			outage = undefined;
			showStatus();
		}
	};

	const sinceFor = (details: Instance): bigint | undefined => {
		const { since } = options;
		return since === 'start'
			? details.logFrom
			: typeof since === 'object'
				? millisToNanos(openedAt - since.agoMs)
				: undefined;
	};
	const add = (details: Instance, siblings: number): Source => {
		const label = siblings > 1 ? details.name.replace(`${engine.project}-`, '') : details.service;
		// The next container of a service has the number of the one before it.
		const known = sources.get().findIndex((source) => source.label === label);
		const index = known < 0 ? sources.get().length : known;
		const source: Source = {
			index,
			id: details.id,
			service: details.service,
			log: createContainerLog(engine, details, { source: index, secrets }),
			reserve: [],
			whole: false,
			busy: false,
			active: false,
			run: runOf(details),
			ended: undefined,
			broken: false,
		};
		all.set(details.id, source);
		if (known < 0) {
			sources.update((now) => [...now, { service: details.service, label }]);
		}
		return source;
	};

	/** Reads what is there of a container's log. */
	const backlog = async (source: Source, details: Instance, count: number): Promise<void> => {
		const tail = options.since === 'newest' ? (options.tail ?? tailLines) : Math.ceil(mostLines / count);
		const found: LogEntry[] = [];
		for await (const entries of source.log.read({ since: sinceFor(details), tail, signal })) {
			found.push(...entries);
			older.set({ state: 'reading', lines: (older.get().lines ?? 0) + entries.length });
		}
		source.reserve = found;
		source.whole = source.log.pieces < tail;
	};

	/** Reads one container's log on for as long as it runs. */
	const live = async (source: Source): Promise<void> => {
		source.busy = true;
		try {
			while (!signal.aborted) {
				const details = await engine.inspect(source.id, signal);
				if (details === undefined) {
					source.whole = true;
					source.broken = false;
					stands.delete(source.service);
					return;
				}
				const run = runOf(details);
				if (!isRunning(details) && source.ended === run) {
					source.broken = false;
					stands.set(source.service, `${source.service} is ${details.status}`);
					return;
				}
				let began = source.run !== run ? startLabel(source, details) : undefined;
				source.run = run;
				stands.delete(source.service);
				source.active = true;
				const follow = isRunning(details) && (engine.streams() || options.services.length === 1);
				showStatus();
				for await (const entries of source.log.read({ since: sinceFor(details), follow, signal })) {
					const notes = [
						...(source.broken || !source.log.wentOn ? resumed(source) : []),
						...(began === undefined ? [] : [began]),
					];
					began = undefined;
					merger.push(notes.length === 0 ? entries : inOrder(notes, entries));
				}
				if (source.broken || began !== undefined) {
					merger.push([...(source.broken ? resumed(source) : []), ...(began === undefined ? [] : [began])]);
				}
				const after = await engine.inspect(source.id, signal);
				if (after !== undefined && !isRunning(after) && runOf(after) === run) {
					source.ended = run;
					source.active = false;
					const code = after.exitCode === undefined ? '' : `, exit code ${after.exitCode}`;
					const time = Math.max(after.finishedAt ?? 0, source.log.newest ?? 0);
					merger.push([note(source, `${source.service} is ${after.status}${code}`, time)]);
				} else if (after !== undefined && runOf(after) === run) {
					// Its stream was broken off, or it is not followed but asked again and again.
					source.broken ||= follow;
					await sleep(follow ? lookMs / 5 : lookMs, signal);
				}
			}
		} catch (error) {
			source.broken = true;
			lost(error, source.service);
		} finally {
			source.busy = false;
			source.active = false;
			isBack();
			showStatus();
		}
	};
	const startLabel = (source: Source, { startedAt, restarts }: Instance): LogEntry => {
		const times = restarts > 0 ? `, restart ${restarts} by ${engine.terms.name}` : '';
		const at = startedAt ?? engine.clock.now();
		return note(source, `${source.service} started again at ${clock(engine.clock.toLocal(at))}${times}`, at);
	};
	const resumed = (source: Source): LogEntry[] => {
		source.broken = false;
		const span = outage === undefined ? '' : ` from ${clock(outage.at)} to ${clock(Date.now())}`;
		const time = source.log.newest ?? engine.clock.now();
		const first = outage !== undefined && !outage.told;
		if (outage !== undefined) {
			outage.told = true;
		}
		isBack();
		if (!source.log.wentOn) {
			source.log.wentOn = true;
			const why = 'what was read last is not in it any more, as after a rotation';
			return [note(source, `lines of ${source.service} may be missing here${span}: ${why}`, time)];
		}
		return first ? [note(source, `the log could not be read${span}; it goes on where it was left`, time)] : [];
	};
	/** Notes where they belong among lines of the same log. */
	const inOrder = (notes: readonly LogEntry[], entries: readonly LogEntry[]): readonly LogEntry[] => {
		const all = [...entries];
		for (const each of notes) {
			const at = all.findIndex(({ time }) => time >= each.time);
			all.splice(at < 0 ? all.length : at, 0, each);
		}
		return all;
	};

	/** A container that came while others were followed: all of its log, behind a word that it is another one. */
	const follow = async (summary: InstanceSummary, siblings: number): Promise<void> => {
		const before = sources.get().some(({ service }) => service === summary.service);
		const details = await engine.inspect(summary.id, signal);
		if (details === undefined || all.has(summary.id)) {
			return;
		}
		const source = add(details, siblings);
		source.whole = true;
		if (before) {
			const words = `a new container of ${source.service}: ${details.name}, ${details.id.slice(0, 12)}`;
			merger.push([note(source, words, details.createdAt)]);
		}
		void live(source);
	};

	const wanted = async (): Promise<readonly InstanceSummary[]> =>
		(await engine.list(signal)).filter(({ service }) => options.services.includes(service));
	const siblingsOf = (listed: readonly InstanceSummary[], { service }: InstanceSummary) =>
		listed.filter((other) => other.service === service).length;

	const begin = async () => {
		all.clear();
		const listed = await wanted();
		const read = await Promise.allSettled(
			listed.map(async (summary) => {
				const details = await engine.inspect(summary.id, signal);
				if (details !== undefined) {
					const source = add(details, siblingsOf(listed, summary));
					source.broken = true;
					await backlog(source, details, listed.length);
					source.broken = false;
				}
			}),
		);
		const failed = read.find((each) => each.status === 'rejected');
		if (failed !== undefined && !read.some(({ status: how }) => how === 'fulfilled')) {
			throw failed.reason;
		}
		options.onLines(takeFrom());
		showOlder();
		caughtUp.set(true);
	};
	/**
	 * Of what is in reserve, the lines from where on there are some of all services: before that, the lines of one would
	 * stand there as if the others had said nothing.
	 */
	const takeFrom = (): readonly LogEntry[] => {
		let from = Number.NEGATIVE_INFINITY;
		for (const { whole, reserve } of all.values()) {
			from = whole ? from : Math.max(from, reserve[0]?.time ?? from);
		}
		const taken = mergeEntries([...all.values()].map(({ reserve }) => reserve.filter(({ time }) => time >= from)));
		for (const source of all.values()) {
			source.reserve = source.reserve.filter(({ time }) => time < from);
		}
		return taken;
	};
	const showOlder = () => {
		const some = [...all.values()].some(({ whole, reserve }) => !whole || reserve.length > 0);
		const bounded = options.since === 'start' || typeof options.since === 'object';
		older.set({ state: some ? 'more' : bounded ? 'since' : 'begins' });
	};
	const readOlder = async () => {
		older.set({ state: 'reading', lines: 0 });
		try {
			const left = [...all.values()].filter(({ whole }) => !whole);
			await Promise.all(
				left.map(async (source) => {
					if (source.reserve.length > 0) {
						return;
					}
					const details = await engine.inspect(source.id, signal);
					const since = details === undefined ? undefined : sinceFor(details);
					const count = Math.ceil(pageLines / left.length);
					const page = () =>
						details === undefined
							? Promise.resolve([])
							: source.log.older(count, { signal, ...(since !== undefined && { since }) });
					const found = await page();
					// So few that it is worth a look whether they are the first ones.
					const before = found.length < count / 2 && found.length > 0 ? await page() : undefined;
					source.reserve = [...(before ?? []), ...found];
					source.whole = (before ?? found).length === 0;
				}),
			);
			const entries = takeFrom();
			if ((options.onOlder?.(entries) ?? 0) < entries.length) {
				older.set({ state: 'full' });
			} else {
				showOlder();
			}
		} catch (error) {
			if (!signal.aborted) {
				older.set({ state: 'failed', reason: messageOf(error) });
			}
		}
	};

	const run = async () => {
		secrets = (await options.secrets?.catch(() => [])) ?? [];
		while (!signal.aborted) {
			try {
				if (!caughtUp.get()) {
					await begin();
				}
				const listed = await wanted();
				for (const [id, { busy, service }] of all) {
					if (!busy && !listed.some((summary) => summary.id === id)) {
						all.delete(id);
						stands.delete(service);
					}
				}
				await Promise.all(
					listed.map(async (summary) => {
						const source = all.get(summary.id);
						if (source === undefined) {
							await follow(summary, siblingsOf(listed, summary));
						} else if (!source.busy) {
							void live(source);
						}
					}),
				);
				isBack();
				showStatus();
			} catch (error) {
				lost(error);
			}
			await sleep(lookMs, signal);
		}
	};
	void run();
	return {
		sources,
		status,
		older,
		caughtUp,
		readOlder: () => {
			if (caughtUp.get() && ['more', 'failed'].includes(older.get().state)) {
				void readOlder();
			}
		},
		close: () => {
			aborter.abort();
			merger.close();
		},
	};
};
