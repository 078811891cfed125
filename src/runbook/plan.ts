import type { CheckState } from './check.ts';

/** How long a step took in earlier runs. */
export interface StepExpectation {
	/** The median, ms. */
	readonly ms: number;
	/** How many runs the median is of. */
	readonly runs: number;
}

export type Risk = 'read-only' | 'disruptive' | 'destructive';

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

export interface ResolvedInput {
	readonly name: string;
	readonly title: string;
	readonly value: string;
	readonly label: string;
	readonly detail: string;
}

/** `manual`: the operator does it, and says so. */
export type StepKind = 'run' | 'wait' | 'manual';

/** The id of the built-in first step of a changing plan: the preconditions once more, now under the lock. */
export const preconditionStepId = 'preconditions';

/** One step as it will run on the host. `script` is POSIX sh and gets everything it needs as environment variables. */
export interface PlanStep {
	readonly id: string;
	readonly title: string;
	readonly kind: StepKind;
	/**
	 * `run`: the script. `wait`: the condition, run again and again until it exits 0; empty for a plain countdown. `manual`:
	 * empty.
	 */
	readonly script: string;
	/** `manual` only: what the operator is to do. */
	readonly text?: string;
	/** The step is ended with TERM, then KILL, after this many seconds and the run is then `timed-out`; for a wait: the wait has failed. */
	readonly timeoutSeconds: number;
	/** `wait` only: seconds between two looks. */
	readonly intervalSeconds?: number;
	/** A built-in step in words, for where its script would be too long to show. The script is still what runs. */
	readonly summary?: string;
	/** True for a step whose failure does not stop the run (it only shows something). */
	readonly mayFail?: boolean;
	/** How long it took in earlier runs; missing where there were none. */
	readonly expected?: StepExpectation;
}

export interface Precondition {
	readonly id: string;
	readonly title: string;
	readonly state: CheckState;
	/** What it said; one line. */
	readonly detail: string;
	/** What was run for it. Missing in plans of earlier versions. */
	readonly script?: string;
	/** It need hold before the first step only: the steps themselves end it. */
	readonly once?: boolean;
}

/** Text that helps to decide: a log excerpt, the commits between, a difference. */
export interface PlanPreview {
	readonly title: string;
	/** What the script printed; unsanitised, capped. */
	readonly text: string;
}

/** Which run a plan goes on with, and where. */
export interface RetryOf {
	readonly run: string;
	/** Title of that run's procedure. */
	readonly title: string;
	/** Id of the step it begins with. */
	readonly step: string;
	/**
	 * The run in whose place it goes on: its steps find that one's `run_id`, `run_dir` and `restore_dir`, and its restore
	 * point is the way back. Missing where that run had kept and changed nothing: then it begins anew.
	 */
	readonly origin?: string;
}

/** What becomes of the containers of one service. */
export interface PlanChange {
	readonly service: string;
	/** `recreate`: made anew; `create`: it has none now; `stop`: not part of the deployment afterwards; `keep`: nothing. */
	readonly action: 'recreate' | 'create' | 'stop' | 'keep';
	/** It runs now, and is unavailable for a while. */
	readonly interrupted?: boolean;
	/** It was stopped by hand, and stays so. */
	readonly staysStopped?: boolean;
	/** Why: what differs, in words. */
	readonly why: readonly string[];
}

/** A procedure with its inputs resolved: exactly what will run. Made once, shown, and run unchanged. */
export interface Plan {
	readonly version: 1;
	readonly procedure: string;
	readonly title: string;
	readonly when: string;
	readonly risk: Risk;
	readonly target: string;
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	/** When the plan was made, ms since the epoch. */
	readonly madeAt: number;
	readonly inputs: readonly ResolvedInput[];
	/** What the scripts get in their environment: the runbook's variables, `directory`, `project`, and the inputs by name. */
	readonly environment: Readonly<Record<string, string>>;
	readonly preconditions: readonly Precondition[];
	readonly previews: readonly PlanPreview[];
	readonly steps: readonly PlanStep[];
	/**
	 * What becomes of each service, from the comparison of what runs with what Compose would make. Missing where the procedure makes
	 * no container anew, and in plans of earlier versions.
	 */
	readonly changes?: readonly PlanChange[];
	/** Losses that the operator has allowed by name. */
	readonly allowed?: readonly string[];
	/** Services that are interrupted, and the words for it. */
	readonly interrupts: readonly string[];
	readonly verification: {
		readonly checks: readonly string[];
		readonly settleSeconds: number;
		readonly deadlineSeconds: number;
		/** An undo: what was not well already before the undone run, in words. It is verified to be as it was, and no more. */
		readonly notWellBefore?: readonly string[];
		/** An undo: ids of those checks that had failed before the undone run already, and so decide nothing. */
		readonly failedBefore?: readonly string[];
	};
	/** What must run afterwards, for the check `version`. */
	readonly expects?: {
		/** The service that the procedure is about. */
		readonly service: string;
		/** Full hash of the commit that must be checked out, and that the images must be of. */
		readonly commit?: string;
		/** Id of the image that the service must run. */
		readonly image?: string;
		/**
		 * Every service that the run touches. `image`: the id that its containers must run; without it the image has to be
		 * proven to be of the commit. `replicas`: how many, default 1; 0: none may run. `unwell`: it did not run well before
		 * either, so whether it runs proves nothing.
		 */
		readonly services?: readonly {
			readonly service: string;
			readonly image?: string;
			readonly replicas?: number;
			readonly unwell?: true;
		}[];
	};
	/** Said at the end: what the operator must know. */
	readonly notes: readonly string[];
	/** It goes on with a run that did not get to its end. */
	readonly retryOf?: RetryOf;
}
