import type { Plan, PlanChange, Precondition } from '../runbook/plan.ts';
import type { ProcedureDefinition } from '../runbook/runbook.ts';

/** What a deployment is, as far as scripts have to know it. */
export interface DeploymentIdentity {
	/** What the engine calls it. */
	readonly project: string;
	/** The environment that the engine's shell reads; `project` is in it. */
	readonly environment: Readonly<Record<string, string>>;
	/** Why none of this is known: the rest is then a guess from the config. */
	readonly unknown?: string;
}

export interface DeploymentOptions {
	/** Asks the host anew, for everybody who asks after this. Otherwise an answer serves for half a minute. */
	readonly fresh?: boolean;
	readonly signal?: AbortSignal;
}

/** What is to be planned. */
export interface DeploymentQuestion {
	readonly procedure: ProcedureDefinition;
	/** The inputs, by name. */
	readonly chosen: Readonly<Record<string, string>>;
	/** Losses that the operator has allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed: readonly string[];
	/** The service that the runbook is about, where it names one. */
	readonly mainService?: string;
	/** What every script of the runbook gets in its environment, without what the engine adds. */
	readonly environment: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
}

/** What a plan owes to the deployment: what it is, what would change of it, and what must run afterwards. */
export interface DeploymentPlan {
	readonly deployment: DeploymentIdentity;
	/** Added to what the steps find in their environment. */
	readonly environment: Readonly<Record<string, string>>;
	/** Looked at here, once; under the lock the ground is compared in their place. */
	readonly preconditions: readonly Precondition[];
	/** What the plan rests on, as `EngineShell.printGround` prints it. */
	readonly ground?: string;
	readonly changes?: readonly PlanChange[];
	readonly interrupts?: readonly string[];
	readonly services?: NonNullable<Plan['expects']>['services'];
	readonly notes: readonly string[];
}
