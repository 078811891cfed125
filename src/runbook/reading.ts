export type ReadingState = 'ok' | 'warn' | 'down' | 'unknown';

/** A value with its time and its state. It is stale when older than `maxAgeMs`; a stale reading proves nothing. */
export interface Reading<T> {
	/** The last value that came, kept when a later attempt fails, so that the screen can show it as old. */
	readonly value: T | undefined;
	readonly state: ReadingState;
	/** Why the state is not `ok`, or why there is no value; a short sentence without a full stop. */
	readonly reason?: string;
	/** When the value was read, ms since the epoch, by this machine's clock; 0 when never. */
	readonly at: number;
	/** How old it may become before it is stale, ms. */
	readonly maxAgeMs: number;
}

/** The reason of what has not been looked at, though nothing stands in the way. */
export const notReadYet = 'not read yet';

/** The reason of what the runbook does not ask for: nothing is wrong with it, there is nothing to know. */
export const notWatched = 'not watched by the runbook';

export const isWatched = ({ value, reason }: Reading<unknown>): boolean => value !== undefined || reason !== notWatched;

/** A reading that has not been taken yet. */
export const unread = (maxAgeMs: number, reason = notReadYet): Reading<never> => ({
	value: undefined,
	state: 'unknown',
	reason,
	at: 0,
	maxAgeMs,
});

/** Whether a reading was taken after `since`, whole, or it is known why it cannot be. */
export const isSettled = ({ at, state, reason }: Reading<unknown>, since = 0): boolean =>
	reason !== notReadYet && (at > since || state === 'unknown');

/** The value of a reading that is settled; undefined before, and where nothing could be read. */
export const settledValue = <T>(reading: Reading<T>): T | undefined => (isSettled(reading) ? reading.value : undefined);

export const isStale = (reading: Reading<unknown>, now: number): boolean =>
	reading.at === 0 || now - reading.at > reading.maxAgeMs;

/** One container of the target's Compose project. */
export interface ContainerReading {
	readonly id: string;
	readonly name: string;
	readonly service: string;
	/** Docker's state: created, running, paused, restarting, removing, exited, dead. */
	readonly status: string;
	/** Docker's health: healthy, unhealthy, starting; undefined where there is no health check. */
	readonly health?: string;
	readonly exitCode?: number;
	readonly restarts: number;
	/** When it was made, ms since the epoch, by the host's clock: a deployment makes containers anew, a restart does not. */
	readonly createdAt?: number;
	/** ms since the epoch, by the host's clock; undefined when never started. */
	readonly startedAt?: number;
	readonly image: string;
	readonly imageId: string;
	/** What Compose says of the configuration it was made with: another one, another configuration or environment. */
	readonly configHash?: string;
	/** When the image was made, ms since the epoch, by the clock that made it; undefined when it does not say. */
	readonly imageCreatedAt?: number;
	readonly cpuPercent?: number;
	readonly memoryBytes?: number;
	readonly memoryLimitBytes?: number;
	readonly state: ReadingState;
}

export interface HealthReading {
	readonly status?: number;
	readonly latencyMs?: number;
	/** Oldest first; undefined where the probe failed. */
	readonly history: readonly (number | undefined)[];
	/** The first line of the body, for the operator; unsanitised. */
	readonly body?: string;
}

export interface MetricSeries {
	readonly name: string;
	readonly title: string;
	readonly unit?: string;
	readonly value?: number;
	/** Oldest first. */
	readonly history: readonly (number | undefined)[];
}

export interface AlertReading {
	readonly name: string;
	readonly severity?: string;
	readonly summary?: string;
	/** ms since the epoch. */
	readonly startsAt: number;
	/** Why it alarms nobody: it is shown, and counts for nothing. */
	readonly quiet?: string;
}

export interface CommitReading {
	readonly hash: string;
	readonly subject: string;
	/** Undefined when HEAD is detached. */
	readonly branch?: string;
	/** Committer time, ms since the epoch. */
	readonly committedAt: number;
	/** Number of changed tracked files and of untracked files. */
	readonly changed: number;
	readonly untracked: number;
	/** What verification said of it last, after a run; undefined when nothing is known. */
	readonly verified?: 'good' | 'bad';
	/** The commit that verification passed on last; undefined when there is none. */
	readonly lastGood?: string;
	/** Ids of the images of this commit that verification passed on. */
	readonly goodImages?: readonly string[];
}

export interface BackupReading {
	readonly name: string;
	readonly bytes: number;
	/** ms since the epoch, by the host's clock. */
	readonly modifiedAt: number;
	readonly count: number;
}

export interface DiskReading {
	readonly path: string;
	readonly usedPercent: number;
	readonly freeBytes: number;
}

export interface LogErrorsReading {
	/** Errors in the last full minute. */
	readonly perMinute: number;
	/** Per-minute counts, oldest first. */
	readonly history: readonly number[];
	readonly lastLine?: string;
}
