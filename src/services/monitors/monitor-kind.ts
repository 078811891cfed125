import type * as z from 'zod';
import type { Reading } from '../../runbook/reading.ts';
import type * as parts from '../../runbook/schema/parts.ts';
import type * as shapes from '../../runbook/shapes/value-parts.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import type { Monitor } from './poller.ts';
import type { Sink } from './sink.ts';

/** What the schemas of a monitor's keys are made of. */
export type SchemaParts = typeof parts;
/** What the runbook says of a monitor, as its schema gives it. */
export type Entry<Schema extends (parts: SchemaParts) => z.ZodType> = z.output<ReturnType<Schema>>;
/** What the shape of a reading is made of. */
export type ShapeParts = typeof shapes;

/** How `status` shows figures; text of the host is made safe by it. */
export interface Format {
	safe(text: string): string;
	/** `12 min`, of ms. */
	age(ms: number): string;
	bytes(bytes: number): string;
	milliseconds(ms: number): string;
	figure(value: number): string;
	plural(count: number, word: string): string;
	/** Now, ms since the epoch. */
	readonly now: number;
}

/** What a monitor is started with. */
export interface MonitorTools<Value> extends WatchedEngine {
	/** Receives its readings. */
	readonly sink: Sink<Reading<Value>>;
	/** When the newest container was made, ms by the host's clock; undefined while that is not known. */
	deployedAt(): number | undefined;
}

/** A line of `status`, and lines that belong to it. */
export interface StatusLine {
	readonly text: string;
	readonly more?: readonly string[];
}

/**
 * Everything that the program must know of a monitor that gives one reading. The schema of the runbook, its loader, the
 * stores, `status`, what is kept with a run and the published output take it from here; its name is its key in `monitorKinds`. How
 * the dashboard shows it is in `screens/dashboard/monitor-panels.ts`.
 */
export interface MonitorKind<Schema extends z.ZodType = z.ZodType, Config = unknown, Value = unknown> {
	/** Its key under `monitors` in the runbook, where that is not its name. */
	readonly key?: string;
	/** What it watches, for the published schema of the runbook: `Alerts of an Alertmanager`. */
	readonly about: string;
	/** It is watched whether the runbook says so or not: each of its keys has a default. */
	readonly always?: true;
	/** What the runbook says of it. */
	schema(parts: SchemaParts): Schema;
	/** Makes of that what `start` takes; times are ms. */
	build(entry: z.output<Schema>): Config;

	/** What a reading is, for the published schema of the output: `The alerts that fire`. */
	readonly reads: string;
	/** The shape of its value. */
	value(shapes: ShapeParts): z.ZodType<Value>;
	/** Starts it; it stops when the target is not on the screen. Without it, the script of the host's facts reads it. */
	start?(config: Config, tools: MonitorTools<Value>): Monitor;

	/** Its name where all that is not well is listed: `log errors`. */
	readonly title: string;
	/** Its name in reports, where that is another. */
	readonly factTitle?: string;
	/** It comes first: it says what is deployed. */
	readonly first?: true;
	/** What `status` prints. */
	status(value: Value | undefined, format: Format): StatusLine;
	/** What is kept of it with a run, in words; times as ISO 8601. */
	facts(value: Value): readonly (string | undefined)[];
}

/** Checks a definition against what its own `schema` and `value` say, and gives it as one of the table. */
export const defineMonitor = <Schema extends z.ZodType, Config, Value>(
	kind: MonitorKind<Schema, Config, Value>,
): MonitorKind => kind as unknown as MonitorKind;
