import type * as z from 'zod';
import type { Instance } from '../../engine/instance.ts';
import type { Format, MonitorTools, SchemaParts, ShapeParts } from './monitor-kind.ts';
import type { Monitor } from './poller.ts';

/** Names that are printed beside a reading to identify it. */
export interface Named {
	readonly name: string;
	readonly [field: string]: string;
}

/**
 * Everything that the program must know about a monitor with several readings, each named in the runbook. The schema of the runbook, its
 * loader, the stores, `status`, the readings saved with a run and the published output take it from here; its name is its key in
 * `listMonitorKinds`, in the runbook and in the output.
 */
export interface ListMonitorKind<
	Schema extends z.ZodType = z.ZodType,
	Config = unknown,
	Value = unknown,
	Name extends Named = Named,
> {
	/** A noun for the list, for the published schema of the runbook: `HTTP endpoints to poll`. */
	readonly about: string;
	/** The schema of one entry in the runbook. */
	schema(parts: SchemaParts): Schema;
	/** Converts an entry into the config for `start`; times are ms. */
	build(entry: z.output<Schema>): Config;
	/** Returns the names that identify an entry. */
	named(config: Config): Name;

	/** A noun for the list of readings, for the published schema of the output: `The health endpoints`. */
	readonly reads: string;
	/** The shapes of the names. */
	names(shapes: ShapeParts): Readonly<Record<keyof Name, z.ZodType<string>>>;
	/** The shape of a reading's value. */
	value(shapes: ShapeParts): z.ZodType<Value>;
	/** Starts one; it is stopped when the target is not on the screen. */
	start(config: Config, tools: MonitorTools<Value>): Monitor;
	/** Fields of an instance that affect it: it is read again at once when one of these changes. */
	readonly refreshOn?: readonly (keyof Instance)[];

	/** Its name in the list of problems, and where a run saves it: `health web`. */
	title(name: Name): string;
	/** Returns its line in `status`. */
	status(name: Name, value: Value | undefined, format: Format): string;
	/** Describes it for a run's saved readings. `value`: undefined when nothing was read yet. */
	facts(name: Name, value: Value | undefined): readonly (string | undefined)[];
}

/** Checks a definition against the types of its own `schema` and `value`, and returns it for the table. */
export const defineListMonitor = <Schema extends z.ZodType, Config, Value, Name extends Named>(
	kind: ListMonitorKind<Schema, Config, Value, Name>,
): ListMonitorKind => kind as unknown as ListMonitorKind;
