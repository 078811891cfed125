import type * as z from 'zod';
import type { Reading } from '../../runbook/reading.ts';
import type * as parts from '../../runbook/schema/parts.ts';
import type * as shapes from '../../runbook/shapes/value-parts.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import type { Monitor } from './poller.ts';
import type { Sink } from './sink.ts';

/** The building blocks of the schemas of a monitor's keys. */
export type SchemaParts = typeof parts;
/** A monitor's entry in the runbook, as its schema returns it. */
export type Entry<Schema extends (parts: SchemaParts) => z.ZodType> = z.output<ReturnType<Schema>>;
/** The building blocks of the shape of a reading. */
export type ShapeParts = typeof shapes;

/** Functions that format figures for `status`; they sanitise text of the host. */
export interface Format {
	safe(text: string): string;
	/** Formats a duration in ms: `12 min`. */
	age(ms: number): string;
	bytes(bytes: number): string;
	milliseconds(ms: number): string;
	figure(value: number): string;
	plural(count: number, word: string): string;
	/** Now, ms since the epoch. */
	readonly now: number;
}

/** Helpers for a monitor. */
export interface MonitorTools<Value> extends WatchedEngine {
	/** Receives its readings. */
	readonly sink: Sink<Reading<Value>>;
	/** Returns the creation time of the newest container, ms by the host's clock; undefined while that is not known. */
	deployedAt(): number | undefined;
}

/** A line of `status`, with its details. */
export interface StatusLine {
	readonly text: string;
	readonly more?: readonly string[];
}

/**
 * Everything that the program must know about a monitor with one reading. The schema of the runbook, its loader, the stores, `status`, the
 * readings saved with a run and the published output take it from here; its name is its key in `monitorKinds`. Its panel is in
 * `screens/dashboard/monitor-panels.ts`.
 */
export interface MonitorKind<Schema extends z.ZodType = z.ZodType, Config = unknown, Value = unknown> {
	/** Its key under `monitors` in the runbook, if that is not its name. */
	readonly key?: string;
	/** A noun for the published schema of the runbook: `Alerts of an Alertmanager`. */
	readonly about: string;
	/** True when it is monitored even if the runbook does not mention it: each of its keys has a default. */
	readonly always?: true;
	/** The schema of its entry in the runbook. */
	schema(parts: SchemaParts): Schema;
	/** Converts the entry into the config for `start`; times are ms. */
	build(entry: z.output<Schema>): Config;

	/** A noun for the reading, for the published schema of the output: `The alerts that fire`. */
	readonly reads: string;
	/** The shape of its value. */
	value(shapes: ShapeParts): z.ZodType<Value>;
	/** Starts it; it is stopped when the target is not on the screen. Without it, the script of the host's facts reads it. */
	start?(config: Config, tools: MonitorTools<Value>): Monitor;

	/** Its name in the list of problems: `log errors`. */
	readonly title: string;
	/** Its name in reports, if that is different. */
	readonly factTitle?: string;
	/** True when it comes first: it says what is deployed. */
	readonly first?: true;
	/** Returns its line in `status`. */
	status(value: Value | undefined, format: Format): StatusLine;
	/** Describes it for a run's saved readings; times as ISO 8601. */
	facts(value: Value): readonly (string | undefined)[];
}

/** Checks a definition against the types of its own `schema` and `value`, and returns it for the table. */
export const defineMonitor = <Schema extends z.ZodType, Config, Value>(
	kind: MonitorKind<Schema, Config, Value>,
): MonitorKind => kind as unknown as MonitorKind;
