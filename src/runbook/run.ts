import type { Operator } from './operator.ts';
import type * as basics from './shapes/basics.ts';
import type { Fields, Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/run.ts';
import { isApproval, isManual } from './step-kinds/index.ts';
import { isUnchecked } from './unchecked.ts';

export type { Operator };

export type RunState = Shape<typeof basics.runState>;

/** The operator's answer to a manual step. */
export type Answer = Shape<typeof shapes.answer>;

/** What an approval rests on. */
export type Approval = Shape<typeof shapes.approval>;

const basisWords = ({ basis, by, starter }: Approval): string => {
	switch (basis) {
		case 'keys': {
			const named = ({ key, certificate }: Approval['by']) => (certificate === '' ? key : `${key} (${certificate})`);
			return `their SSH keys: ${named(by)} approved, ${named(starter)} started it`;
		}
		case 'accounts':
			return `their accounts: ${by.account} approved, ${starter.account} started it`;
		default:
			return 'the claimed names only: the host could not tell who was connected';
	}
};

/** Returns an answer in words: `done`, `given up`, `approved` with what that rests on. */
export const answerInWords = ({ answer, approval }: Answer): string =>
	answer === 'approved'
		? `approved${approval === undefined ? '' : `, resting on ${basisWords(approval)}`}`
		: answer === 'done'
			? 'done'
			: 'given up';

/** A step of a run as recorded on the host; times by the host's clock. */
export type StepRun = Fields<typeof shapes.stepRun>;

/** The verdict of a verification, as saved with the run. */
export type RunVerdict = Shape<typeof shapes.runVerdict>;

/** A missing part of a run's output, which was too long to keep: from one offset to another, bytes. */
export type OutputGap = Shape<typeof shapes.outputGap>;

/** One execution of a plan, as read from its folder on the host. */
export type Run = Shape<typeof shapes.startedRun> & Shape<typeof shapes.runStateFields>;

/** A manual step that a run is waiting at. */
export interface WaitsFor {
	/** Number of the step, from 1. */
	readonly number: number;
	readonly step: string;
	readonly title: string;
	/** The operator's task. */
	readonly text: string;
	/** True when it waits for the approval of another operator than the one who started it. */
	readonly approval?: true;
	/** The time when the step gives up, ms since the epoch by the host's clock. */
	readonly until: number | undefined;
}

/** Returns the beginning of the hash of a run's plan, enough to tell plans apart. */
export const shortHash = ({ planHash = 'unknown' }: Pick<Run, 'planHash'>): string => planHash.slice(0, 12);

/** Returns the manual step that a run waits at; undefined if it does not wait for an operator. */
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
		...(isApproval(planned)
			? { text: `Plan ${shortHash(run)}: ${planned.text ?? ''}`.replace(/RUN$/, run.id), approval: true as const }
			: { text: planned.text ?? '' }),
		until: step.startedAt === undefined ? undefined : step.startedAt + planned.timeoutSeconds * 1000,
	};
};

/** Returns the index of the step that a run did not get past; undefined when it reached its end. A step that may fail does not stop it. */
export const stoppedAt = ({ plan, steps }: Pick<Run, 'plan' | 'steps'>): number | undefined => {
	const index = plan.steps.findIndex((planned, at) => {
		const state = steps[at]?.state;
		return !(state === 'succeeded' || (state === 'failed' && planned.mayFail === true));
	});
	return index < 0 ? undefined : index;
};

/** True when a run ended early, so that it can be run again from there. */
export const isUnfinished = ({ state }: { readonly state: RunState }): boolean =>
	state === 'failed' || state === 'cancelled' || state === 'timed-out' || state === 'lost';

/** One line of the journal, as read from the host. */
export type RunSummary = Omit<Fields<typeof shapes.runFields>, 'source' | 'asOf'>;

/** Returns a run as the journal lists it. */
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
		...(plan.guard !== undefined && { guard: true as const }),
		...(isUnchecked(plan) && { unchecked: true as const }),
		...(from !== undefined && { from }),
		...(damaged !== undefined && { damaged }),
		...(pruned !== undefined && { pruned }),
	};
};

/** The operator and the run that hold the lock on the host. */
export type LockHolder = Shape<typeof shapes.lockHolder>;
