import type { CheckState, Verification } from './check.ts';
import { guardEndOf, onlyWatched } from './guard-run.ts';
import type { Masked } from './masked.ts';
import { isUnfinished, type Run, type RunState, type WaitsFor } from './run.ts';
import { maskDeep } from './secrets-deep.ts';

/** A message for an operator who is not looking at the screen. A webhook receives the same, as JSON. */
export interface Notice {
	readonly event: 'ended' | 'waiting';
	/** The whole notice in one line; incoming webhooks of chats read this field. */
	readonly text: string;
	readonly target: string;
	readonly host: string;
	readonly run: string;
	readonly procedure: string;
	readonly title: string;
	readonly state: RunState;
	/** The result of the verification; null if there was none. */
	readonly verdict: CheckState | null;
	/** The reason for the verdict, or what the run waits for. */
	readonly reason: string;
	/** ms since the epoch, by the host's clock. */
	readonly startedAt: number;
	readonly endedAt: number | null;
}

const outcome = (run: Run, verdict: CheckState | undefined): string => {
	const watched = onlyWatched(run) ? guardEndOf(run) : undefined;
	if (watched !== undefined) {
		return `the guard has changed nothing, its watch ended as ${watched.end}`;
	}
	if (run.state === 'succeeded') {
		return verdict === 'passed'
			? 'done and verified'
			: verdict === 'failed'
				? 'steps done, verification failed'
				: 'steps done, not verified';
	}
	return run.state === 'timed-out'
		? 'timed out'
		: isUnfinished(run) && run.state !== 'lost'
			? run.state
			: 'outcome unknown';
};

const notice = (
	run: Run,
	more: Pick<Notice, 'event' | 'reason' | 'verdict'> & { readonly words: string },
): Masked<Notice> => {
	const { words, event, reason, verdict } = more;
	const { title, target, host, procedure } = run.plan;
	return maskDeep<Notice>({
		event,
		text: `${target}: ${title}: ${words}${reason === '' ? '' : ` (${reason})`}`,
		target,
		host,
		run: run.id,
		procedure,
		title,
		state: run.state,
		verdict,
		reason,
		startedAt: run.startedAt,
		endedAt: run.endedAt ?? null,
	});
};

/** Returns the notice that a run has ended; secrets are masked. */
export const endNotice = (run: Run, verification: Verification | undefined): Masked<Notice> => {
	const verdict = verification?.verdict ?? run.verified?.verdict;
	const reason = verification?.reason ?? run.verified?.reason ?? guardEndOf(run)?.reason ?? '';
	return notice(run, { event: 'ended', words: outcome(run, verdict), reason, verdict: verdict ?? null });
};

/** Returns the notice that a run waits for its operator. */
export const waitNotice = (run: Run, waits: WaitsFor): Masked<Notice> =>
	notice(run, {
		event: 'waiting',
		words: waits.approval === true ? 'waits for the approval of another operator' : 'waits for you',
		reason: waits.approval === true ? waits.text : waits.title,
		verdict: null,
	});
