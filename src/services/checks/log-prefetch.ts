import type { Engine } from '../../engine/engine.ts';
import type { Instance, LogOptions } from '../../engine/instance.ts';
import { parseNanos } from '../../engine/time.ts';
import type { LogLine } from '../logs/log-lines.ts';
import { type ContainerCache, type ContainersNow, containerOf } from './container-cache.ts';
import { type Extent, type Limits, readLog } from './log-reading.ts';
import type { CheckFunction, Outcome } from './outcome.ts';

type Part = Pick<LogOptions, 'since' | 'until' | 'tail'>;

/** A log that is read while the containers are still being read. */
export interface LogPrefetch {
	/** Like `readLog`, but uses prefetched lines if they are of this container and this part. */
	read(container: Instance, part: Part, take: (line: LogLine) => void, limits?: Limits): Promise<Extent>;
	/** Ends reads that nobody will use. */
	drop(): void;
}

export interface LogPrefetchOptions {
	readonly service: string;
	readonly tail: number;
	/** End of the last read; undefined: nothing was read, and which lines count is known only after the inspection. */
	readonly since: bigint | undefined;
}

/** Bytes to keep until it is known which lines count. */
const mostBytes = 4 * 1024 * 1024;

const isWithin = (stamp: string, { since, until }: Part): boolean => {
	const nanos = parseNanos(stamp) ?? 0n;
	return (since === undefined || nanos >= since) && (until === undefined || nanos <= until);
};

/**
 * Starts to read the log of the container that will probably count for a service, as far back as `tail`: so it arrives together with the
 * containers, instead of one or two round trips later. If it is another container's, or fails, it is ignored.
 */
const prefetchLog = (
	engine: Engine,
	{ likely }: ContainerCache,
	look: Promise<ContainersNow>,
	options: LogPrefetchOptions & { readonly signal: AbortSignal },
): LogPrefetch => {
	const { service, tail, since } = options;
	const over = new AbortController();
	const signal = AbortSignal.any([options.signal, over.signal]);
	const reading = async () => {
		const id = await likely(service);
		if (id === undefined || !engine.streams()) {
			return undefined;
		}
		const lines: LogLine[] = [];
		const tty = look.then((snapshot) => containerOf(snapshot, service)?.tty ?? false);
		// Nobody may use it: a log without a line.
		tty.catch(() => {});
		const limits = { maxBytes: mostBytes };
		const extent = await readLog(engine, { id, tty }, { since, tail, signal }, (line) => lines.push(line), limits);
		return extent.broken ? undefined : { id, lines, extent };
	};
	const ahead = reading().catch(() => undefined);
	return {
		drop: () => over.abort(),
		read: async (container, part, take, limits) => {
			const had = part.tail === tail && (since === undefined || part.since === since) ? await ahead : undefined;
			if (had?.id !== container.id) {
				return readLog(engine, container, { ...part, signal: options.signal }, take, limits);
			}
			const counted = had.lines.filter(({ stamp }) => isWithin(stamp, part));
			for (const line of counted) {
				take(line);
			}
			const reachesBack = part.since !== undefined && counted.length < had.lines.length;
			return {
				lines: counted.length,
				bytes: counted.reduce((sum, { stamp, text }) => sum + stamp.length + text.length, 0),
				oldest: counted[0]?.stamp ?? '',
				newest: counted.at(-1)?.stamp ?? '',
				whole: had.extent.whole || reachesBack,
				broken: false,
			};
		},
	};
};

/** Wraps a check so that it reads the containers and the log of one of them at the same time. */
export const prefetchLogs =
	(
		engine: Engine,
		snapshots: ContainerCache,
		optionsNow: () => LogPrefetchOptions,
		judge: (look: Promise<ContainersNow>, ahead: LogPrefetch) => Promise<Outcome>,
	): CheckFunction =>
	(signal) => {
		const look = snapshots.take(signal);
		const ahead = prefetchLog(engine, snapshots, look, { ...optionsNow(), signal });
		return judge(look, ahead).finally(ahead.drop);
	};
