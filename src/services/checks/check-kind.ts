import type * as z from 'zod';
import type { Report, Tools } from '../../runbook/load/reference-tools.ts';
import type { TreeNode } from '../../runbook/load/tree.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import type * as parts from '../../runbook/schema/parts.ts';
import type { ScriptOf } from '../../runbook/step-kinds/step-kind.ts';
import type { ContainerCache } from './container-cache.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** What the schemas of keys are made of. */
export type SchemaParts = typeof parts;

/** An entry of the runbook as it was read: what the schemas of `Keys` give. */
export type Entry<Keys extends (schema: SchemaParts) => z.ZodRawShape> = z.output<z.ZodObject<ReturnType<Keys>>>;

/** A check of a runbook, as `build` has made it. */
export type Built<T> = T & { readonly id: string; readonly title: string; readonly kind: string };

/** What a check is made with. */
export interface CheckTools {
	readonly context: CheckContext;
	/** The containers as they are now; checks that ask at once share one answer. */
	readonly snapshots: ContainerCache;
	/** Takes the answers that monitors wait for: for the dashboard. A verdict asks for itself. */
	readonly share?: boolean;
}

/**
 * Everything that the program must know of one kind of check. The schema of the runbook, its loader, the runner of
 * checks and what judges their results take it from here; its name is its key in `checkKinds`.
 */
export interface CheckKind<Keys extends z.ZodRawShape = z.ZodRawShape, Definition = CheckDefinition> {
	/** What must hold, for the published schema: `A URL answers as expected`. */
	readonly about: string;
	/** Its keys in the runbook besides `kind` and `title`. */
	keys(schema: SchemaParts): Keys;
	/** Reports what the schema cannot say: names that refer to nothing, keys that do not go together. */
	check?(entry: TreeNode, scripts: ReadonlySet<string>, tools: Tools, report: Report): void;
	/** Makes a definition of an entry; `id`, `title` and `kind` are added. Regular expressions stay text. */
	build(entry: z.output<z.ZodObject<Keys>>, scriptOf: ScriptOf): Definition;
	/** Gives the check with its memory: each call of it runs it once. */
	run(definition: Built<Definition>, tools: CheckTools): CheckFunction;

	/** It asks twice, and so is begun first. */
	runsTwice?(definition: Built<Definition>): boolean;
	/** How long it may run, ms, where the usual 30 s may not do. */
	timeoutMs?(definition: Built<Definition>): number;
	/** How often it runs while it passes and no verdict waits for it, ms, where it has an interval of its own. */
	intervalMs?(definition: Built<Definition>): number;
	/** It says whether what was deployed is up at all: its failure counts for a guard even where it failed from the beginning. */
	readonly decisive?: true;
	/** It says whether containers run as they should. */
	readonly ofContainers?: true;
	/** While it is unknown, a guard knows nothing of the deployment. */
	readonly neededByGuard?: true;
	/** It passes where services do not run. */
	readonly wantsStopped?: true;
	/** Which lines of a service's log it takes for errors. */
	errorLines?(definition: Built<Definition>): {
		readonly service: string;
		readonly pattern: string;
		readonly except?: string;
	};
}

/** Checks a definition against what its own `keys` and `build` say, and gives it as one of the table. */
export const defineCheckKind = <Keys extends z.ZodRawShape, Definition>(kind: CheckKind<Keys, Definition>): CheckKind =>
	kind as unknown as CheckKind;
