import type { Operator } from './operator.ts';
import type * as basics from './shapes/basics.ts';
import type { Fields, Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/run.ts';
import { isManual } from './step-kinds/index.ts';

export type { Operator };

export type RunState = Shape<typeof basics.runState>;

/** What was said to a manual step. */
export type Answer = Shape<typeof shapes.answer>;

/** A step of a run as the host has recorded it; times by the host's clock. */
export type StepRun = Fields<typeof shapes.stepRun>;

/** What a verification came to, as it is kept with the run. */
export type RunVerdict = Shape<typeof shapes.runVerdict>;

/** Part of a run's output that was too long to be kept: from one offset up to another, bytes. */
export type OutputGap = Shape<typeof shapes.outputGap>;

/** One execution of a plan, as its folder on the host tells it. */
export type Run = Shape<typeof shapes.startedRun> & Shape<typeof shapes.runStateFields>;

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
	if (
		run.state !== 'running' ||
		step === undefined ||
		planned === undefined ||
		!isManual(planned) ||
		step.answer !== undefined
	) {
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

/** One line of the journal, as the host tells it. */
export type RunSummary = Omit<Fields<typeof shapes.runFields>, 'source' | 'asOf'>;

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

/** The operator and the run that hold the lock on the host. */
export type LockHolder = Shape<typeof shapes.lockHolder>;
