import type * as basics from './shapes/basics.ts';
import type { Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/plan.ts';

/** How long a step took in earlier runs. */
export type StepExpectation = Shape<typeof shapes.stepExpectation>;

export type Risk = Shape<typeof basics.risk>;

/** One choice for an input, from a live list on the host. */
export interface InputChoice {
	/** The value for scripts: a full hash, an id, a file name. */
	readonly value: string;
	/** The first words for the operator: a short hash, a name. */
	readonly label: string;
	/** The rest of the line: subject, age, size. */
	readonly detail: string;
	/** `current`, `good` (verification passed with it), `bad`, or a word from the runbook; shown as words. */
	readonly marks: readonly string[];
}

/** An input of a procedure with its live choices. */
export interface InputOffer {
	readonly name: string;
	readonly title: string;
	/** The value used when the operator names none; undefined when the operator has to choose. */
	readonly preset?: string;
	readonly choices: readonly InputChoice[];
	/** The reason why there are no choices. */
	readonly reason?: string;
}

export type ResolvedInput = Shape<typeof shapes.resolvedInput>;

/** The id of the built-in first step of a changing plan: it checks the preconditions again, under the lock. */
export const preconditionStepId = 'preconditions';

/** One step as it will run on the host. `script` is POSIX sh and gets everything it needs as environment variables. */
export type PlanStep = Shape<typeof shapes.planStep>;

export type Precondition = Shape<typeof shapes.precondition>;

/** Text that helps to decide: a log excerpt, the commits in between, a difference. Unsanitised. */
export type PlanPreview = Shape<typeof shapes.planPreview>;

/** The change of one service's containers. */
export type PlanChange = Shape<typeof shapes.planChange>;

/** A procedure with its inputs resolved: exactly what will run. Made once, shown, and run unchanged. */
export type Plan = Shape<typeof shapes.plan>;

/** Id of the built-in step that waits for another operator's approval. */
export const approvalStepId = 'approval';
