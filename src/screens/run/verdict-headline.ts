import { ago, stopwatch } from '../../components/format-time.ts';
import type { Tone } from '../../components/line.ts';
import type { Verification } from '../../runbook/check.ts';
import {
	type GuardEnd,
	guardEndOf,
	interruptedWords,
	isInterrupted,
	onlyWatched,
	resumeCommand,
} from '../../runbook/guard-run.ts';
import { ownCommand } from '../../runbook/own-command.ts';
import { isUnfinished, type Run, type StepRun, stoppedAt, waitsFor } from '../../runbook/run.ts';
import { isUnchecked, uncheckedWords } from '../../runbook/unchecked.ts';
import type { Following } from '../../stores/workspace.ts';
import { elapsedLabel } from './elapsed.ts';

export interface VerdictHeadline {
	/** The big words. */
	readonly words: string;
	readonly tone: Tone;
	/** The evidence, and what to do next; a command to paste has a row of its own. */
	readonly more: string;
	/** True when the operator is sent to the links, the contacts of the runbook. */
	readonly links: boolean;
	/** The operator's choices, each with its key; the first one applies without a choice. */
	readonly choices?: readonly { readonly key?: string; readonly words: string }[];
}

export interface RunFacts {
	readonly run: Run;
	readonly following: Following;
	readonly verification: Verification | undefined;
}

const isRollback = (run: Run) => run.plan.expects !== undefined || run.plan.procedure.startsWith('rollback');

const stepAt = (run: Run, states: readonly StepRun['state'][]) => {
	const index = run.steps.findIndex(({ state }) => states.includes(state));
	const step = run.steps[index];
	const title = run.plan.steps.find(({ id }) => id === step?.id)?.title ?? step?.id ?? '';
	return step === undefined ? undefined : { step, title, place: `step ${index + 1} of ${run.steps.length}` };
};

/**
 * Returns what is known for certain about a run. It is done only when verification has passed for good; a run that cannot be read is
 * unknown, never failed or succeeded.
 */
export const verdictHeadline = (facts: RunFacts, now: number): VerdictHeadline => {
	const { run, following } = facts;
	const said = saidOf(facts, now);
	const missing = [
		...(run.damaged === undefined ? [] : [`The records of this run on the host are damaged, and ${run.damaged}.`]),
		...(run.pruned === undefined ? [] : [`Its output, plan and restore point were pruned: ${run.pruned.why}.`]),
	].join(' ');
	const verdict = missing === '' ? said : { ...said, more: `${said.more} ${missing}`.trim() };
	if (following.status === 'lost' || !isUnfinished(run) || onlyWatched(run) || run.plan.steps.length === 0) {
		return verdict;
	}
	const stopped = stoppedAt(run);
	const from = stopped === undefined ? '' : ` from step ${stopped + 1}`;
	return {
		...verdict,
		choices: [
			{ words: 'Leave it as it is' },
			{ key: 'A', words: `plan it again${from}` },
			...(run.facts.restore_point === undefined ? [] : [{ key: 'U', words: 'plan the undo' }]),
		],
	};
};

/** What a guard on the host came to. */
const guardWords: Readonly<Record<GuardEnd, string>> = {
	acts: 'The guard rolls back',
	well: 'Healthy until the end, as far as the host can ask',
	failing: 'Unhealthy at the end, but not for long enough to roll back',
	unknown: 'The state is unknown: the guard has not acted',
	'stood-down': 'The guard stood down',
};

/** Says so when a step takes longer than it did before. */
const late = (run: Run, step: StepRun, now: number): string => {
	const expected = run.plan.steps.find(({ id }) => id === step.id)?.expected;
	const { text, late: isLate } = elapsedLabel(step, expected, now);
	return isLate ? `, longer than before: ${text}` : '';
};

/** Says where a run is while none of its steps is running. */
const betweenSteps = ({ steps }: Run): string => {
	const next = steps.findIndex(({ state }) => state === 'pending');
	return next === 0
		? 'the first step begins'
		: next === -1
			? 'the last step has ended; the checks come next'
			: `step ${next} of ${steps.length} has ended, step ${next + 1} begins`;
};

const saidOf = ({ run, following, verification }: RunFacts, now: number): VerdictHeadline => {
	const say = (words: string, tone: Tone, more = '', links = false): VerdictHeadline => ({ words, tone, more, links });
	const command = (name: string) => ownCommand([name, run.id], run.plan.target);
	const kept = run.facts.restore_point === undefined ? '' : ' The state before it was saved: U plans the undo.';
	if (following.status === 'lost') {
		return say(
			following.linkUp === true
				? 'Outcome unknown: the host does not answer in time, the run is probably still going on'
				: 'Outcome unknown: link lost, the run is probably still going on',
			'doubt',
			`${following.reason === undefined ? '' : `${following.reason}. `}${following.linkUp === true ? 'Asking again' : 'Reconnecting'}; from another terminal:\n${command('attach')}`,
		);
	}
	const watched = onlyWatched(run) ? guardEndOf(run) : undefined;
	if (watched !== undefined && run.state !== 'running') {
		return say(
			guardWords[watched.end],
			watched.end === 'well' ? 'triumph' : 'doubt',
			`${watched.reason}. Nothing was changed.`,
		);
	}
	if (isInterrupted(run)) {
		const words = interruptedWords(run);
		const more = `${words[0]?.toUpperCase()}${words.slice(1)}. To go on for the time that is left:\n${resumeCommand(run)}`;
		return say('The guard was interrupted', 'doubt', more);
	}
	switch (run.state) {
		case 'running': {
			const at = stepAt(run, ['running']);
			const waits = waitsFor(run);
			if (waits !== undefined) {
				const left = waits.until === undefined ? '' : `, for ${stopwatch(Math.max(0, waits.until - now))} more`;
				if (waits.approval === true) {
					return say(
						'Waiting for the approval of another operator',
						'doubt',
						`${waits.text}, or press a as that operator. The run waits on the host${left}.`,
					);
				}
				return say(
					`Waiting for you: ${waits.title}`,
					'doubt',
					`${waits.text.replaceAll(/\s+/g, ' ')} — press a when it is done, or to give up. The run waits on the host${left}.`,
				);
			}
			return say(
				'Running',
				'busy',
				at === undefined ? betweenSteps(run) : `${at.place}: ${at.title}${late(run, at.step, now)}`,
			);
		}
		case 'succeeded':
			return verified({ run, following, verification }, now, say);
		case 'failed': {
			const at = stepAt(run, ['failed']);
			const exit = at?.step.exitCode ?? run.exitCode;
			const answer = at?.step.answer;
			if (answer !== undefined) {
				return say(
					'Given up',
					'alarm',
					`${at?.place}: ${at?.title}, by ${answer.who.user}@${answer.who.machine}${answer.reason === '' ? '' : `: ${answer.reason}`}.${kept}`,
					true,
				);
			}
			return say(
				'Failed',
				'alarm',
				`${at === undefined ? '' : `${at.place}: ${at.title}`}${exit === undefined ? '' : `, exit ${exit}`}.${kept}`,
				true,
			);
		}
		case 'timed-out': {
			const at = stepAt(run, ['timed-out']);
			return say('Timed out', 'alarm', `${at === undefined ? '' : `${at.place}: ${at.title}`}.${kept}`, true);
		}
		case 'cancelled': {
			const at = stepAt(run, ['cancelled']);
			return say('Cancelled', 'doubt', `${at === undefined ? '' : `in ${at.place}: ${at.title}`}.${kept}`);
		}
		case 'lost':
			return say(
				'Outcome unknown: the run died on the host without a result',
				'doubt',
				`${run.lostBy === 'restart' ? 'The host was restarted while the run was in progress.' : 'Its supervisor was killed; the host was not restarted.'} Check the output and the containers.${kept}`,
				true,
			);
		default:
			if (run.gone) {
				return say(
					'Outcome unknown: the run is no longer on the host',
					'doubt',
					'Its folder was deleted, and one of its steps may still be running. Check the output and the containers.',
					true,
				);
			}
			return say('Outcome unknown: the host could not be reached', 'doubt', `To ask again:\n${command('attach')}`);
	}
};

const verified = (
	{ run, following, verification }: RunFacts,
	now: number,
	say: (words: string, tone: Tone, more?: string, links?: boolean) => VerdictHeadline,
): VerdictHeadline => {
	const done =
		run.plan.risk === 'read-only' ? 'Verified' : isRollback(run) ? 'Rolled back and verified' : 'Done and verified';
	if (verification === undefined) {
		const recorded = run.verified;
		if (recorded === undefined && isUnchecked(run.plan)) {
			const words = uncheckedWords(run.plan);
			return say('Steps done, no checks', 'doubt', `${words[0]?.toUpperCase()}${words.slice(1)}.`);
		}
		if (recorded === undefined && following.status === 'live') {
			return say(run.plan.steps.length === 0 ? 'Verifying' : 'Steps done, verifying', 'busy', 'the checks begin');
		}
		if (recorded === undefined) {
			return say('Steps done, not verified', 'doubt', 'No check has run since.');
		}
		const by = `by ${recorded.by.user}@${recorded.by.machine}: ${recorded.reason}`;
		// The state at that time, which may have changed since.
		const then = now - recorded.at >= 60_000 ? ` ${ago(now - recorded.at)}` : '';
		return recorded.verdict === 'passed'
			? say(`${done}${then}`, 'triumph', by)
			: recorded.verdict === 'failed'
				? say(`Verification failed${then}: ${recorded.reason}`, 'alarm', by, true)
				: say('Steps done, not verified', 'doubt', by, true);
	}
	if (!verification.final) {
		const { holdingSince, settleSeconds, deadlineAt } = verification;
		const more =
			holdingSince !== undefined
				? `all checks pass for ${stopwatch(Math.min(settleSeconds * 1000, now - holdingSince))} of ${stopwatch(settleSeconds * 1000)}`
				: `${verification.reason}${deadlineAt === undefined ? '' : `; gives up in ${stopwatch(deadlineAt - now)}`}`;
		return say(run.plan.steps.length === 0 ? 'Verifying' : 'Steps done, verifying', 'busy', more);
	}
	switch (verification.verdict) {
		case 'passed':
			return say(done, 'triumph', verification.reason);
		case 'failed':
			return say(
				`Verification failed: ${verification.reason}`,
				'alarm',
				'All steps finished, but the service is still unhealthy.',
				true,
			);
		default:
			return say('Steps done, not verified', 'doubt', verification.reason, true);
	}
};
