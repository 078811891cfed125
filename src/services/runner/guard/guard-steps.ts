import type { EngineShell } from '../../../engine/shell.ts';
import { proveStepId, watchStepId } from '../../../runbook/guard-run.ts';
import type { PlanStep } from '../../../runbook/plan.ts';
import { quote } from '../../../runbook/shell-quote.ts';
import relay from '../../ssh/relay.sh';
import { blockedFunctions } from '../blocked/blocks.ts';
import { changedSince } from '../host/changed-since.ts';
import ask from './ask.sh';
import count from './count.sh';
import judge from './judge.sh';
import standDown from './stand-down.sh';
import watch from './watch.sh';

/** POSIX sh: counts how long checks fail; see count.sh. */
export const countFailures: string = count;

/** POSIX sh: how a guard on the host asks its checks, and counts. Needs the functions of a step. */
export const guardFunctions = ({ watched }: Pick<EngineShell, 'watched'>): string =>
	[`guard_relay=${quote(relay)}`, blockedFunctions, watched, changedSince, count, ask, judge, standDown, watch].join(
		'\n',
	);

export interface GuardStepsOptions {
	readonly summary: string;
	readonly title: string;
	/** Limit for watching, well after its end, s. */
	readonly watchTimeoutSeconds: number;
	/** How long the checks are asked after the rollback, s. */
	readonly proveSeconds: number;
	/** Limit for one round of checks, s. */
	readonly roundSeconds: number;
}

/**
 * Returns the first step of a guard on the host, and its last one, which runs after the steps of the rollback. Their environment: see
 * watch.sh. The supervisor lets the other steps run only if the first one says so (after-watching.sh).
 */
export const guardSteps = (
	shell: Pick<EngineShell, 'watched'>,
	{ title, summary, watchTimeoutSeconds, proveSeconds, roundSeconds }: GuardStepsOptions,
): { readonly watch: PlanStep; readonly prove: PlanStep } => {
	const functions = guardFunctions(shell);
	return {
		watch: {
			id: watchStepId,
			title,
			kind: 'run',
			script: `${functions}\nwatch`,
			summary,
			timeoutSeconds: watchTimeoutSeconds,
			// Its failure is the reason for the other steps.
			mayFail: true,
		},
		prove: {
			id: proveStepId,
			title: 'Ask the same checks again',
			kind: 'run',
			script: `${functions}\nprove ${Math.ceil(proveSeconds)}`,
			summary: 'Changes nothing: says what the host can prove by itself. Whoever attaches verifies the run.',
			timeoutSeconds: proveSeconds + 2 * roundSeconds + 30,
			mayFail: true,
		},
	};
};
