import type { Plan, PlanChange, Precondition } from '../runbook/plan.ts';
import type { ProcedureDefinition } from '../runbook/runbook.ts';

/** The facts about a deployment that scripts need. */
export interface DeploymentIdentity {
	/** The engine's name for it. */
	readonly project: string;
	/** The environment that the engine's shell reads; `project` is in it. */
	readonly environment: Readonly<Record<string, string>>;
	/** The reason why none of this is known; the rest is then a guess from the config. */
	readonly unknown?: string;
}

export interface DeploymentOptions {
	/** Asks the host again, and shares that answer with later callers. Otherwise an answer is reused for half a minute. */
	readonly fresh?: boolean;
	readonly signal?: AbortSignal;
}

/** The procedure and the choices to plan for. */
export interface DeploymentQuestion {
	readonly procedure: ProcedureDefinition;
	/** The inputs, by name. */
	readonly chosen: Readonly<Record<string, string>>;
	/** Losses that the operator has allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed: readonly string[];
	/** The service that the runbook is about, where it names one. */
	readonly mainService?: string;
	/** The environment of every script of the runbook, without what the engine adds. */
	readonly environment: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
}

/** A plan's facts about the deployment: what it is, what would change, and what must run afterwards. */
export interface DeploymentPlan {
	readonly deployment: DeploymentIdentity;
	/** Added to the environment of the steps. */
	readonly environment: Readonly<Record<string, string>>;
	/** Checked once, while planning. Under the lock the run compares the ground instead. */
	readonly preconditions: readonly Precondition[];
	/** The facts that the plan rests on, as `EngineShell.printGround` prints them. */
	readonly ground?: string;
	readonly changes?: readonly PlanChange[];
	readonly interrupts?: readonly string[];
	readonly services?: NonNullable<Plan['expects']>['services'];
	readonly notes: readonly string[];
}
