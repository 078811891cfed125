import type * as basics from './shapes/basics.ts';
import type { Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/readings.ts';

export type ReadingState = Shape<typeof basics.readingState>;

/** A value with its time and state. It is stale when older than `maxAgeMs`; a stale reading proves nothing. */
export interface Reading<T> {
	/** The last value, kept when a later attempt fails, so that the screen can show it as old. */
	readonly value: T | undefined;
	readonly state: ReadingState;
	/** The reason why the state is not `ok`, or why there is no value; a short sentence without a full stop. */
	readonly reason?: string;
	/** Time of the value, ms since the epoch, by this machine's clock; 0 when there was none yet. */
	readonly at: number;
	/** The age at which it becomes stale, ms. */
	readonly maxAgeMs: number;
}

/** The reason of a reading that has not been taken yet, without any obstacle. */
export const notReadYet = 'not read yet';

/** The reason for something that the runbook does not ask for: nothing is wrong, there is nothing to know. */
export const notWatched = 'not watched by the runbook';

export const isWatched = ({ value, reason }: Reading<unknown>): boolean => value !== undefined || reason !== notWatched;

/** Returns a reading that has not been taken yet. */
export const unread = (maxAgeMs: number, reason = notReadYet): Reading<never> => ({
	value: undefined,
	state: 'unknown',
	reason,
	at: 0,
	maxAgeMs,
});

/** True when a reading was taken completely after `since`, or it is known why it cannot be taken. */
export const isSettled = ({ at, state, reason }: Reading<unknown>, since = 0): boolean =>
	reason !== notReadYet && (at > since || state === 'unknown');

/** Returns the value of a settled reading; undefined before, and if nothing could be read. */
export const settledValue = <T>(reading: Reading<T>): T | undefined => (isSettled(reading) ? reading.value : undefined);

export const isStale = (reading: Reading<unknown>, now: number): boolean =>
	reading.at === 0 || now - reading.at > reading.maxAgeMs;

/** One container of the target's Compose project. */
export type ContainerReading = Shape<typeof shapes.container>;

/** A machine of an engine that has several. */
export type NodeReading = Shape<typeof shapes.node>;

/** `body` is the first line of the answer, for the operator; unsanitised. */
export type HealthReading = Shape<typeof shapes.healthValue>;

export type MetricSeries = Shape<typeof shapes.metricsValue>[number];

export type AlertReading = Shape<typeof shapes.alertsValue>[number];

export type CommitReading = Shape<typeof shapes.commitValue>;

export type BackupReading = Shape<typeof shapes.backupValue>;

export type DiskReading = Shape<typeof shapes.diskValue>;

export type LogErrorsReading = Shape<typeof shapes.logErrorsValue>;

/** Says what runs on a node, or ran there when it was last heard: nobody knows that of a node that is lost. */
export const instancesOn = ({ state, instances }: NodeReading): string =>
	state === 'ready' ? `${instances} running` : `${instances} ${instances === 1 ? 'was' : 'were'} running`;
