import type * as z from 'zod';
import type { Instance } from '../../engine/instance.ts';
import type { Format, MonitorTools, SchemaParts, ShapeParts } from './monitor-kind.ts';
import type { Monitor } from './poller.ts';

/** What is printed beside a reading to say whose it is. */
export interface Named {
	readonly name: string;
	readonly [field: string]: string;
}

/**
 * Everything that the program must know of a monitor of which a runbook names several, each with a reading of its own. The schema of
 * the runbook, its loader, the stores, `status`, what is kept with a run and the published output take it from here; its name is its
 * key in `listMonitorKinds`, in the runbook and in the output.
 */
export interface ListMonitorKind<
	Schema extends z.ZodType = z.ZodType,
	Config = unknown,
	Value = unknown,
	Name extends Named = Named,
> {
	/** What the list is, for the published schema of the runbook: `HTTP endpoints to poll`. */
	readonly about: string;
	/** What the runbook says of one. */
	schema(parts: SchemaParts): Schema;
	/** Makes of that what `start` takes; times are ms. */
	build(entry: z.output<Schema>): Config;
	/** Which one it is. */
	named(config: Config): Name;

	/** What the list of readings is, for the published schema of the output: `The health endpoints`. */
	readonly reads: string;
	/** The shapes of what `named` gives. */
	names(shapes: ShapeParts): Readonly<Record<keyof Name, z.ZodType<string>>>;
	/** The shape of a reading's value. */
	value(shapes: ShapeParts): z.ZodType<Value>;
	/** Starts one; it stops when the target is not on the screen. */
	start(config: Config, tools: MonitorTools<Value>): Monitor;
	/** What of an instance bears on it: it is read again at once when one of these has changed. */
	readonly refreshOn?: readonly (keyof Instance)[];

	/** Its name where all that is not well is listed, and where a run keeps it: `health web`. */
	title(name: Name): string;
	/** What `status` prints, on one line. */
	status(name: Name, value: Value | undefined, format: Format): string;
	/** What is kept of it with a run, in words. `value`: undefined where nothing was read yet. */
	facts(name: Name, value: Value | undefined): readonly (string | undefined)[];
}

/** Checks a definition against what its own `schema` and `value` say, and gives it as one of the table. */
export const defineListMonitor = <Schema extends z.ZodType, Config, Value, Name extends Named>(
	kind: ListMonitorKind<Schema, Config, Value, Name>,
): ListMonitorKind => kind as unknown as ListMonitorKind;
