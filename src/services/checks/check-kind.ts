import type * as z from 'zod';
import type { Report, Tools } from '../../runbook/load/reference-tools.ts';
import type { TreeNode } from '../../runbook/load/tree.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import type * as parts from '../../runbook/schema/parts.ts';
import type { ScriptOf } from '../../runbook/step-kinds/step-kind.ts';
import type { ContainerCache } from './container-cache.ts';
import type { HostMeans, HostQuestion } from './on-host.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** The building blocks of schemas for keys. */
export type SchemaParts = typeof parts;

/** An entry of the runbook after loading: the output of the schemas in `Keys`. */
export type Entry<Keys extends (schema: SchemaParts) => z.ZodRawShape> = z.output<z.ZodObject<ReturnType<Keys>>>;

/** A check of a runbook, made by `build`. */
export type Built<T> = T & { readonly id: string; readonly title: string; readonly kind: string };

/** Helpers for a check. */
export interface CheckTools {
	readonly context: CheckContext;
	/** The current containers; checks that read at the same time share one read. */
	readonly snapshots: ContainerCache;
	/** True: shares responses with monitors, for the dashboard. A verdict makes its own requests. */
	readonly share?: boolean;
}

/**
 * Everything that the program must know about one kind of check. The schema of the runbook, its loader, the runner of checks and the code
 * that judges their results take it from here; its name is its key in `checkKinds`.
 */
export interface CheckKind<Keys extends z.ZodRawShape = z.ZodRawShape, Definition = CheckDefinition> {
	/** A sentence for the published schema: `A URL answers as expected`. */
	readonly about: string;
	/** Its keys in the runbook besides `kind` and `title`. */
	keys(schema: SchemaParts): Keys;
	/** Reports what the schema cannot express: names that refer to nothing, keys that exclude each other. */
	check?(entry: TreeNode, scripts: ReadonlySet<string>, tools: Tools, report: Report): void;
	/** Makes a definition from an entry; `id`, `title` and `kind` are added. Regular expressions stay text. */
	build(entry: z.output<z.ZodObject<Keys>>, scriptOf: ScriptOf): Definition;
	/** Returns the check with its memory: each call runs it once. */
	run(definition: Built<Definition>, tools: CheckTools): CheckFunction;

	/** Returns how a guard on the host asks it by itself; a text says why it cannot. Without this, only this machine can. */
	onHost?(definition: Built<Definition>, means: HostMeans): HostQuestion | string;
	/** True when it reads twice, and so is started first. */
	runsTwice?(definition: Built<Definition>): boolean;
	/** Returns its time limit, ms, if the usual 30 s are not enough. */
	timeoutMs?(definition: Built<Definition>): number;
	/** Returns the interval between runs while it passes and no verdict waits for it, ms, if it has one of its own. */
	intervalMs?(definition: Built<Definition>): number;
	/** True when it shows if the deployment is up at all: its failure counts for a guard even if it failed from the beginning. */
	readonly decisive?: true;
	/** True when it is about containers. */
	readonly ofContainers?: true;
	/** True when a guard knows nothing about the deployment while this check is unknown. */
	readonly neededByGuard?: true;
	/** True when it passes if services do not run. */
	readonly wantsStopped?: true;
	/** True when its value is compared with the one when a verification last passed. */
	comparesWithBefore?(definition: Built<Definition>): boolean;
	/** Returns the pattern of error lines in a service's log, if it has one. */
	errorLines?(definition: Built<Definition>): {
		readonly service: string;
		readonly pattern: string;
		readonly except?: string;
	};
}

/** Checks a definition against the types of its own `keys` and `build`, and returns it for the table. */
export const defineCheckKind = <Keys extends z.ZodRawShape, Definition>(kind: CheckKind<Keys, Definition>): CheckKind =>
	kind as unknown as CheckKind;
