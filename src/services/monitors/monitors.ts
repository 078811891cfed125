import { type ContainerReading, type Reading, settledValue } from '../../runbook/reading.ts';
import type { Target } from '../../runbook/runbook.ts';
import { touches } from '../instances/instance-change.ts';
import { watchInstances } from '../instances/instance-watch.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import { type ExpectedServices, watchContainers } from './containers.ts';
import { mainServices } from './expected-containers.ts';
import { type HostFactsSinks, watchHostFacts } from './host-facts.ts';
import type { ListMonitorKind } from './list-monitor-kind.ts';
import { configOf, configsOf, listMonitorKinds, monitorKinds } from './monitor-kinds.ts';
import { closely, type PollRate } from './poll-rate.ts';
import type { Monitor } from './poller.ts';
import type { Sink } from './sink.ts';
import { startOrFail } from './start-or-fail.ts';

/**
 * Receivers of a target's readings: for each monitor of the tables by name, and a list in the order of the runbook for one with several
 * readings; `createReadingStores` creates such stores.
 */
export interface ReadingSinks extends HostFactsSinks {
	readonly containers: Sink<Reading<readonly ContainerReading[]>>;
}

/** Returns the sink of a monitor of the table. */
const sinkOf = (sinks: object, name: string): Sink<Reading<unknown>> | undefined =>
	(sinks as Readonly<Record<string, Sink<Reading<unknown>>>>)[name];

/** Returns the sinks of a monitor with several readings. */
const sinksOf = (sinks: object, name: string): readonly { readonly reading: Sink<Reading<unknown>> }[] =>
	(sinks as Readonly<Record<string, readonly { readonly reading: Sink<Reading<unknown>> }[]>>)[name] ?? [];

/** Returns the creation time of the newest container, by the host's clock. */
const newestMade = (reading: Reading<readonly ContainerReading[]>): number | undefined => {
	const times = (settledValue(reading) ?? []).map(({ createdAt }) => createdAt ?? 0);
	return times.some((time) => time > 0) ? Math.max(...times) : undefined;
};

/** Returns the ids of the images of the containers that run. */
const runningImages = ({ value }: Reading<readonly ContainerReading[]>): readonly string[] =>
	(value ?? []).filter(({ status }) => status === 'running').map(({ imageId }) => imageId);

export interface Monitors extends Monitor {
	/** Called when the poll rate has changed. */
	paceChanged(): void;
}

/**
 * Starts every monitor of a target. Each works on its own: it pauses while the link is down, reports why it fails, and resumes.
 * Endpoints are polled at once when a container has started or ended. In the background, only containers and the host's facts about
 * commit, backups and disk are polled. `stop()` leaves nothing behind; it does not close the host.
 */
export const startMonitors = (
	{ target, ...watched }: WatchedEngine & { readonly target: Target },
	sinks: ReadingSinks,
	pace: PollRate = closely,
): Monitors => {
	const { engine, host, instances } = watched;
	const deployedAt = () => newestMade(sinks.containers.get());
	let listed: readonly { readonly kind: ListMonitorKind; readonly monitor: Monitor }[] = [];
	let others: readonly Monitor[] = [];
	const startOthers = () => {
		listed = Object.entries(listMonitorKinds).flatMap(([name, kind]) =>
			configsOf(target.runbook, name).flatMap((config, at) => {
				const sink = sinksOf(sinks, name)[at]?.reading;
				return sink === undefined
					? []
					: [{ kind, monitor: startOrFail(sink, () => kind.start(config, { ...watched, sink, deployedAt })) }];
			}),
		);
		others = [
			...listed.map(({ monitor }) => monitor),
			...Object.entries(monitorKinds).flatMap(([name, { start }]) => {
				const config = configOf(target.runbook, name);
				const sink = sinkOf(sinks, name);
				return start === undefined || config === undefined || sink === undefined
					? []
					: [startOrFail(sink, () => start(config, { ...watched, sink, deployedAt }))];
			}),
		];
	};
	const stopOthers = () => {
		for (const monitor of others) {
			monitor.stop();
		}
		others = [];
		listed = [];
	};
	const expected: ExpectedServices = async (containers, signal) => {
		const { desired } = await engine.desired({ ground: containers.join(' '), signal });
		const own = target.runbook.variables.service;
		const known = desired?.services.map(({ name }) => name) ?? (own === undefined ? [] : [own]);
		return { desired, main: mainServices(own, known) };
	};
	const hostFacts = watchHostFacts(host, target, sinks, pace, () => runningImages(sinks.containers.get()));
	const always: readonly Monitor[] = [
		watchContainers(watched, sinks.containers, pace, expected, target.runbook.variables.service),
		watchInstances(watched, pace),
		hostFacts,
	];
	const unsubscribe = instances.subscribe({
		changed: (change) => {
			hostFacts.imagesChanged();
			for (const { kind, monitor } of listed) {
				if (kind.refreshOn !== undefined && touches(change, kind.refreshOn)) {
					monitor.refresh();
				}
			}
		},
	});
	const refresh = () => {
		for (const monitor of [...always, ...others]) {
			monitor.refresh();
		}
	};
	if (!pace.lean()) {
		startOthers();
	}
	return {
		refresh,
		paceChanged: () => {
			stopOthers();
			if (!pace.lean()) {
				startOthers();
				refresh();
			}
		},
		stop: () => {
			unsubscribe();
			stopOthers();
			for (const monitor of always) {
				monitor.stop();
			}
		},
	};
};
