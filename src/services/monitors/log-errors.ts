import type { Instance } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { LogErrorsReading, Reading } from '../../runbook/reading.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import type { InstanceModel } from '../instances/instance-model.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import { after, errorTest, logLines } from '../logs/log-lines.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';
import { type Monitor, startPoller } from './poller.ts';
import { createPublisher, type Sink } from './sink.ts';

const schema = ({ mapping, text, regex }: SchemaParts) =>
	mapping('log monitor', {
		service: text().describe('The Compose service whose log is watched'),
		pattern: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that are errors'),
		except: regex('iu').optional().describe('Lines that match this are not errors'),
	});

const build = (entry: Entry<typeof schema>) => entry;

/** The service whose log is monitored, and the pattern of its error lines. */
export type LogMonitor = ReturnType<typeof build>;

const minutes = 10;
const lookEveryMs = 2000;
const backlogLines = 10_000;
/** A log that grows faster is not followed: it would use up the link. */
const maxBytesPerSecond = 200_000;
const windowMs = 5000;
const floodPauseMs = 30_000;

/** Counts errors by the second in which they were written, by the host's clock. */
class ErrorCounts {
	readonly #seconds = new Map<number, number>();

	add(stamp: string): void {
		const second = Math.floor(Date.parse(stamp) / 1000);
		if (!Number.isNaN(second)) {
			this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
		}
	}

	/** Returns the counts of the last ten minutes, oldest first. */
	history(hostNow: number): number[] {
		const now = Math.floor(hostNow / 1000);
		const counts = new Array<number>(minutes).fill(0);
		for (const [second, count] of this.#seconds) {
			// A line may be younger than the host's time as far as it is known.
			const age = Math.max(0, now - second);
			const at = minutes - 1 - Math.floor(age / 60);
			if (at < 0) {
				this.#seconds.delete(second);
			} else {
				counts[at] = (counts[at] ?? 0) + count;
			}
		}
		return counts;
	}
}

/** Monitors errors per minute in a service's log: follows its newest container, and the next one after it is recreated. */
export const watchLogErrors = (
	{ engine, host, instances }: WatchedEngine,
	monitor: LogMonitor,
	sink: Sink<Reading<LogErrorsReading>>,
): Monitor => {
	const publisher = createPublisher(sink, {
		maxAgeMs: 15_000,
		renewMs: 4000,
		same: (a: LogErrorsReading, b: LogErrorsReading) => JSON.stringify(a) === JSON.stringify(b),
	});
	const isError = errorTest(monitor.pattern, monitor.except);
	const counts = new ErrorCounts();
	let lastLine: string | undefined;
	let cursor: bigint | undefined;
	/** An ended container that was read completely. */
	let done: string | undefined;
	let floodedUntil = 0;

	const publish = (container: Instance) => {
		const history = counts.history(engine.clock.now());
		const perMinute = history.at(-1) ?? 0;
		const running = container.status === 'running';
		const reason =
			perMinute > 0
				? `${perMinute} in the last minute`
				: running
					? undefined
					: `${monitor.service} is ${container.status}`;
		publisher.publish({ perMinute, history, lastLine }, reason === undefined ? 'ok' : 'warn', reason);
	};

	const read = async (container: Instance, signal: AbortSignal) => {
		const follow = engine.streams() && container.status === 'running';
		const beganAt = new Date(engine.clock.now()).toISOString();
		const since = cursor ?? millisToNanos(engine.clock.now() - minutes * 60_000);
		let windowAt = performance.now();
		let bytes = 0;
		for await (const { stamp, text } of logLines(engine, container, { since, tail: backlogLines, follow, signal })) {
			cursor = after(stamp) ?? cursor;
			if (isError(text)) {
				counts.add(stamp);
				lastLine = maskSecrets(text.slice(0, 500));
			}
			// Lines written before the start do not count as part of a flood.
			bytes += stamp > beganAt ? text.length + 40 : 0;
			const elapsed = performance.now() - windowAt;
			if (elapsed > windowMs) {
				if ((bytes / elapsed) * 1000 > maxBytesPerSecond) {
					floodedUntil = performance.now() + floodPauseMs;
					cursor = undefined;
					throw flooded();
				}
				windowAt = performance.now();
				bytes = 0;
			}
		}
	};

	const flooded = () =>
		new BackoutError('failed', `the log grows faster than ${maxBytesPerSecond / 1000} kB/s: errors are not counted`);

	return startPoller({
		host,
		intervalMs: lookEveryMs,
		failed: (reason) => publisher.fail(reason),
		poll: async (signal) => {
			if (performance.now() < floodedUntil) {
				throw flooded();
			}
			const container = await newestContainer(instances, monitor.service, signal);
			if (container === undefined) {
				throw new BackoutError('failed', `there is no container of ${monitor.service}`);
			}
			const ended = `${container.id} ${container.finishedAt}`;
			if (container.status !== 'running' && done === ended) {
				publish(container);
				return;
			}
			const timer = setInterval(() => publish(container), 1000);
			try {
				const reading = read(container, signal);
				// A quiet log has no lines to count, so being able to follow it makes the count known.
				if (engine.streams()) {
					publish(container);
				}
				await reading;
			} finally {
				clearInterval(timer);
			}
			done = container.status === 'running' ? undefined : ended;
			publish(container);
		},
	});
};

/** Returns the running container of a service, else the one created last. */
const newestContainer = async (
	instances: InstanceModel,
	service: string,
	signal?: AbortSignal,
): Promise<Instance | undefined> => {
	const all = await instances.takeKnown(signal);
	return all
		.filter((instance) => instance.service === service)
		.toSorted(
			(a, b) => Number(b.status === 'running') - Number(a.status === 'running') || b.createdAt - a.createdAt,
		)[0];
};

/** Errors a minute in a service's log. */
export const logErrors = defineMonitor({
	key: 'log',
	about: "Errors per minute in a service's log",
	schema,
	build,
	reads: 'Errors in the log',
	value: ({ logErrorsValue }) => logErrorsValue,
	start: (config, { sink, ...watched }) => watchLogErrors(watched, config, sink),
	title: 'log errors',
	factTitle: 'errors in the log',
	status: (value: LogErrorsReading | undefined) => ({
		text: value === undefined ? 'log errors' : `log errors ${value.perMinute}/min`,
	}),
	facts: ({ perMinute, lastLine }) => [`${perMinute} a minute`, lastLine],
});
