import type * as z from 'zod';
import type { Report, Tools } from '../load/reference-tools.ts';
import type { TreeNode } from '../load/tree.ts';
import type * as parts from '../schema/parts.ts';

/** The part of a plan's step that its kind uses. */
export interface StepOfPlan {
	readonly script: string;
	readonly timeoutSeconds: number;
	readonly intervalSeconds?: number;
}

/** The result of building an entry of the runbook. */
export interface BuiltStep {
	/** POSIX sh; empty for a step without one. */
	readonly script: string;
	/** The operator's task. */
	readonly text?: string;
	readonly timeoutMs: number;
	readonly intervalMs?: number;
}

/** Returns an entry's script: its own (`run`), or a shared one by its name (`script`). */
export type ScriptOf = (entry: { readonly run?: string; readonly script?: string }) => string;

/**
 * Everything that the program must know about one kind of step. The schema of the runbook, plans, reports, the screen and the runner
 * take it from here; its name is its key in `stepKinds`.
 */
export interface StepKindDefinition<Keys extends z.ZodRawShape = z.ZodRawShape> {
	/** A noun for it in the published schemas: `a script`. */
	readonly about: string;
	/**
	 * How the supervisor on the host treats it. `run`: runs its script once. `wait`: runs its script again and again until it exits with 0,
	 * or without a script just waits. `manual`: waits for an operator and shows `text`. `approval`: the same, for another operator.
	 */
	readonly supervised: 'run' | 'wait' | 'manual' | 'approval';
	/** Shown beside the limit of a step and in reports; empty for the usual kind. */
	readonly label: string;
	/** The keys that make a step one of this kind, with their schemas. A step has exactly one of all kinds' keys. */
	keys(schema: typeof parts): Keys;
	/** Reports what the schema of `keys` cannot express: names that refer to nothing, keys that exclude each other. */
	check?(step: TreeNode, scripts: ReadonlySet<string>, tools: Tools, report: Report): void;
	build(entry: z.output<z.ZodObject<Keys>> & { readonly timeout?: number }, scriptOf: ScriptOf): BuiltStep;
	/** Describes its time limit, if that is not `5m at most`. */
	limit?(step: StepOfPlan, duration: (ms: number) => string): string;
	/** Source of an estimate of its duration: earlier runs, its limit (a countdown), or none. */
	estimate(step: StepOfPlan): 'from-history' | 'limit' | 'unknown';
}

/** Checks a definition against the types of its own `keys`, and returns it for the table. */
export const defineStepKind = <Keys extends z.ZodRawShape>(kind: StepKindDefinition<Keys>): StepKindDefinition =>
	kind as unknown as StepKindDefinition;
