import type { CapturedReadings } from './captured-readings.ts';
import type { CheckResult, CheckState } from './check.ts';
import type { Operator } from './operator.ts';
import type { Plan } from './plan.ts';

export type { Operator };

/** `lost`: the supervisor is gone without a result (host rebooted, killed). `unknown`: the host could not be asked, or has it no more. */
export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'lost' | 'unknown';

/** What was said to a manual step. */
export interface Answer {
	readonly answer: 'done' | 'gave-up';
	/** ms since the epoch, the host's clock. */
	readonly at: number;
	readonly who: Operator;
	/** Why, or what was found; may be empty. */
	readonly reason: string;
}

export interface StepRun {
	readonly id: string;
	readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'skipped';
	/** ms since the epoch, the host's clock. */
	readonly startedAt?: number;
	readonly endedAt?: number;
	readonly exitCode?: number;
	/** Where its output begins and ends in the run's `out`, bytes. */
	readonly outputFrom?: number;
	readonly outputTo?: number;
	/** Of a manual step: who answered it, when, and how. */
	readonly answer?: Answer;
}

/** What a verification came to, as it is kept with the run. */
export interface RunVerdict {
	readonly verdict: CheckState;
	/** ms since the epoch, the clock of the machine that verified. */
	readonly at: number;
	readonly by: Operator;
	readonly reason: string;
	readonly checks: readonly CheckResult[];
}

/** Part of a run's output that was too long to be kept: from one offset up to another, bytes. */
export interface OutputGap {
	readonly from: number;
	readonly to: number;
}

/** One execution of a plan, as its folder on the host tells it. */
export interface Run {
	readonly id: string;
	readonly plan: Plan;
	readonly who: Operator;
	readonly reason: string;
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly state: RunState;
	readonly exitCode?: number;
	readonly steps: readonly StepRun[];
	/** Bytes of output, those included that the host has not kept. */
	readonly outputBytes: number;
	/** What the host has not kept of the output. */
	readonly outputGap?: OutputGap;
	/** What verification said afterwards; undefined when nobody verified it: steps done, not verified. */
	readonly verified?: RunVerdict;
	/** Every verdict that was noted, oldest first; `verified` is the last. */
	readonly verdicts?: readonly RunVerdict[];
	/** What was read of the host before and after it. */
	readonly readings?: readonly CapturedReadings[];
	/** Who asked for it to be cancelled; also set when it ended before that took effect. */
	readonly cancelledBy?: Operator;
	/** `lost` only: the host was restarted meanwhile, or the supervisor alone died. */
	readonly lostBy?: 'restart' | 'death';
	/** What of its folder on the host cannot be read; the rest is there. */
	readonly damaged?: string;
	/** Its folder on the host was deleted while it was followed: this is how it was seen last. */
	readonly gone?: true;
	/** Its output, plan and restore point were taken away; ms since the epoch, the host's clock. */
	readonly pruned?: { readonly at: number; readonly why: string };
	/** What steps noted for later: `image` (id built), `restore_point`… */
	readonly facts: Readonly<Record<string, string>>;
}

/** A manual step that a run stands at. */
export interface WaitsFor {
	/** From 1. */
	readonly number: number;
	readonly step: string;
	readonly title: string;
	/** What the operator is to do. */
	readonly text: string;
	/** ms since the epoch, the host's clock: when the step gives up by itself. */
	readonly until: number | undefined;
}

/** What a run waits for an operator to do; undefined when it waits for nobody. */
export const waitsFor = (run: Run): WaitsFor | undefined => {
	const index = run.steps.findIndex(({ state }) => state === 'running');
	const step = run.steps[index];
	const planned = run.plan.steps[index];
	if (run.state !== 'running' || step === undefined || planned?.kind !== 'manual' || step.answer !== undefined) {
		return undefined;
	}
	return {
		number: index + 1,
		step: step.id,
		title: planned.title,
		text: planned.text ?? '',
		until: step.startedAt === undefined ? undefined : step.startedAt + planned.timeoutSeconds * 1000,
	};
};

/**
 * The step that a run did not get past: its index among the plan's steps; undefined when it got to its end. A step that
 * may fail is got past by failing.
 */
export const stoppedAt = ({ plan, steps }: Pick<Run, 'plan' | 'steps'>): number | undefined => {
	const index = plan.steps.findIndex((planned, at) => {
		const state = steps[at]?.state;
		return !(state === 'succeeded' || (state === 'failed' && planned.mayFail === true));
	});
	return index < 0 ? undefined : index;
};

/** Whether a run ended without getting to its end, so that it can be run again from there. */
export const isUnfinished = ({ state }: { readonly state: RunState }): boolean =>
	state === 'failed' || state === 'cancelled' || state === 'timed-out' || state === 'lost';

/** One line of the journal, as `runs` lists it. */
export interface RunSummary {
	readonly id: string;
	readonly procedure: string;
	readonly title: string;
	readonly who: Operator;
	readonly reason: string;
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly state: RunState;
	/** It stands at a manual step: what the operator is to do, the first line of it. */
	readonly waits?: string;
	readonly lostBy?: Run['lostBy'];
	readonly verdict?: CheckState;
	/** The run that it undoes, or goes on with. */
	readonly from?: string;
	readonly damaged?: string;
	readonly pruned?: Run['pruned'];
}

/** A run as the journal lists it. */
export const summaryOf = (run: Run): RunSummary => {
	const { id, plan, who, reason, startedAt, endedAt, state, lostBy, verified, damaged, pruned } = run;
	const from = plan.retryOf?.run ?? plan.environment.from_run;
	const waits = waitsFor(run)?.text.split('\n')[0];
	return {
		id,
		procedure: plan.procedure,
		title: plan.title,
		who,
		reason,
		startedAt,
		...(endedAt !== undefined && { endedAt }),
		state,
		...(waits !== undefined && { waits }),
		...(lostBy !== undefined && { lostBy }),
		...(verified !== undefined && { verdict: verified.verdict }),
		...(from !== undefined && { from }),
		...(damaged !== undefined && { damaged }),
		...(pruned !== undefined && { pruned }),
	};
};

/** Who holds the host-wide lock. */
export interface LockHolder {
	readonly run: string;
	readonly who: Operator;
	readonly since: number;
	readonly reason: string;
	readonly procedure: string;
}
