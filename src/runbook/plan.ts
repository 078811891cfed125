import type * as basics from './shapes/basics.ts';
import type { Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/plan.ts';

/** How long a step took in earlier runs. */
export type StepExpectation = Shape<typeof shapes.stepExpectation>;

export type Risk = Shape<typeof basics.risk>;

/** One choice for an input, from a live list on the host. */
export interface InputChoice {
	/** What the scripts get: a full hash, an id, a file name. */
	readonly value: string;
	/** What the operator reads first: a short hash, a name. */
	readonly label: string;
	/** The rest of the line: subject, age, size. */
	readonly detail: string;
	/** `current`, `good` (verification passed on it), `bad`, or what the runbook says; shown as words. */
	readonly marks: readonly string[];
}

/** An input of a procedure with its live choices. */
export interface InputOffer {
	readonly name: string;
	readonly title: string;
	/** The value used when the operator names none; undefined when he has to choose. */
	readonly preset?: string;
	readonly choices: readonly InputChoice[];
	/** Why there are no choices. */
	readonly reason?: string;
}

export type ResolvedInput = Shape<typeof shapes.resolvedInput>;

/** The id of the built-in first step of a changing plan: the preconditions once more, now under the lock. */
export const preconditionStepId = 'preconditions';

/** One step as it will run on the host. `script` is POSIX sh and gets everything it needs as environment variables. */
export type PlanStep = Shape<typeof shapes.planStep>;

export type Precondition = Shape<typeof shapes.precondition>;

/** Text that helps to decide: a log excerpt, the commits between, a difference. Unsanitised. */
export type PlanPreview = Shape<typeof shapes.planPreview>;

/** Which run a plan goes on with, and where. */
export type RetryOf = Shape<typeof shapes.retryOf>;

/** What becomes of the containers of one service. */
export type PlanChange = Shape<typeof shapes.planChange>;

/** A procedure with its inputs resolved: exactly what will run. Made once, shown, and run unchanged. */
export type Plan = Shape<typeof shapes.plan>;
