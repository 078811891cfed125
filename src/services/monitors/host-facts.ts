import { BackoutError } from '../../runbook/errors.ts';
import type { BackupReading, CommitReading, DiskReading, Reading } from '../../runbook/reading.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { runScript } from '../host/run-script.ts';
import { stateValues } from '../runner/host/state-folder.ts';
import { type Judged, readBackups, readCommit, readDisk, withBlocks } from './host-facts-parts.ts';
import { hostFactsScript, splitParts } from './host-facts-script.ts';
import { monitorConfigs } from './monitor-configs.ts';
import { closely, type PollRate, paced } from './poll-rate.ts';
import { type Monitor, startPoller } from './poller.ts';
import { createPublisher, type Publisher, type Sink } from './sink.ts';

export interface HostFactsSinks {
	readonly commit: Sink<Reading<CommitReading>>;
	readonly backups: Sink<Reading<BackupReading>>;
	readonly disk: Sink<Reading<DiskReading>>;
}

const timeoutMs = 10_000;
/** Minimum interval in the background, ms. */
const leanMs = 120_000;

/** A monitor that also judges what it read by what runs. */
export interface HostFactsMonitor extends Monitor {
	/** Judges the version that was read last again, as other images may run now. Reads nothing. */
	imagesChanged(): void;
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Monitors the deployed commit, the newest backup and the disk, with one command every `intervalMs`: the shortest of their intervals, at
 * least 5 s.
 *
 * @param runningImages gives the ids of the images that run, as far as they are known
 */
export const watchHostFacts = (
	host: Host,
	target: Target,
	sinks: HostFactsSinks,
	pace: PollRate = closely,
	runningImages: () => readonly string[] = () => [],
): HostFactsMonitor => {
	const { backups, disk, commit } = monitorConfigs(target.runbook);
	const intervals = [backups?.intervalMs, disk.intervalMs, commit?.intervalMs].filter((ms) => ms !== undefined);
	const closeMs = Math.max(5000, Math.min(...intervals));
	const seldomMs = Math.max(leanMs, closeMs);
	const options = { maxAgeMs: () => 2 * (pace.lean() ? seldomMs : closeMs) + timeoutMs, same: equal };
	const publishers = {
		commit: createPublisher(sinks.commit, options),
		backups: createPublisher(sinks.backups, options),
		disk: createPublisher(sinks.disk, options),
	};
	const watched = [
		...(commit === undefined ? [] : [publishers.commit]),
		...(backups === undefined ? [] : [publishers.backups]),
		publishers.disk,
	];
	const environment = {
		...stateValues(target),
		commit: commit === undefined ? '' : 'yes',
		patterns: backups?.patterns.join('\n') ?? '',
		disk: disk.path,
	};
	let judgeVersion = () => {};
	let shown: string | undefined;
	const monitor = startPoller({
		host,
		intervalMs: paced(pace, closeMs, seldomMs),
		failed: (reason) => {
			judgeVersion = () => {};
			for (const publisher of watched) {
				publisher.fail(reason);
			}
		},
		poll: async (signal) => {
			const askedAt = Date.now();
			const { code, stdout } = await runScript(host, hostFactsScript, {
				purpose: 'say commit, backups and disk',
				environment,
				anyExit: true,
				signal,
				timeoutMs,
			});
			if (code === 111) {
				throw new BackoutError('failed', `there is no directory ${target.directory} on the host`, { host: host.name });
			}
			const parts = splitParts(stdout);
			const hostNow = Number(parts.get('host')?.lines[0]) * 1000;
			if (commit !== undefined) {
				const read = readCommit(parts.get('commit'), parts.get('marks'));
				shown = undefined;
				judgeVersion = () => {
					const judged = withBlocks(read, parts.get('blocks'), runningImages());
					if (judged.reason !== shown || shown === undefined) {
						shown = judged.reason ?? '';
						// It may be judged again long after it was read, when the commit is another one.
						show(publishers.commit, judged, askedAt);
					}
				};
				judgeVersion();
			}
			if (backups !== undefined) {
				show(publishers.backups, readBackups(parts.get('backups'), hostNow, backups));
			}
			show(publishers.disk, readDisk(parts.get('disk'), disk));
		},
	});
	return { ...monitor, imagesChanged: () => judgeVersion() };
};

const show = <T>(publisher: Publisher<T | undefined>, { value, state, reason }: Judged<T>, at?: number): void => {
	if (value === undefined && state === 'unknown') {
		publisher.fail(reason ?? 'not known');
	} else {
		publisher.publish(value, state, reason, at);
	}
};
