import { type ChannelEvent, type NoticeValues, urgencyOf } from './channels/channel.ts';
import type { CheckState, Verification } from './check.ts';
import { durationText } from './duration.ts';
import { type GuardEnd, guardEndOf, onlyWatched } from './guard-run.ts';
import { fromMasked, type Masked } from './masked.ts';
import { isUnfinished, type Run, type RunState, type WaitsFor } from './run.ts';
import { maskDeep } from './secrets-deep.ts';
import { isUnchecked } from './unchecked.ts';

/** A message for an operator who is not looking at the screen. A webhook receives the same, as JSON. */
export interface Notice {
	readonly event: ChannelEvent;
	/** The whole notice in one line; incoming webhooks of chats read this field. */
	readonly text: string;
	readonly target: string;
	readonly host: string;
	/** This and the next three are empty if the notice is about the deployment itself. */
	readonly run: string;
	readonly procedure: string;
	readonly title: string;
	readonly state: RunState | '';
	/** The result of the verification; null if there was none. */
	readonly verdict: CheckState | null;
	/** The reason for the verdict, or what the run waits for. */
	readonly reason: string;
	/** ms since the epoch, by the host's clock; of a deployment: since when it has been as the notice says. */
	readonly startedAt: number;
	readonly endedAt: number | null;
}

/** The end of a watch, as notify.sh says it as well. */
const guardEndWords: Readonly<Record<GuardEnd, string>> = {
	well: 'the deployment is healthy at the end',
	failing: 'the checks fail at the end, but not for long enough',
	unknown: 'the state is unknown at the end',
	'stood-down': 'it stood down',
	acts: 'it acts',
};

/** Returns the outcome of a run in a few words. */
const outcome = (run: Run, verdict: CheckState | undefined): string => {
	const watched = onlyWatched(run) ? guardEndOf(run) : undefined;
	if (watched !== undefined) {
		return `the guard has changed nothing: ${guardEndWords[watched.end]}`;
	}
	if (run.state === 'succeeded') {
		return verdict === 'passed'
			? 'done and verified'
			: verdict === 'failed'
				? 'steps done, verification failed'
				: isUnchecked(run.plan)
					? 'steps done, it has no checks'
					: 'steps done, not verified yet';
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

/** True for a run whose steps are done, and whose checks nobody has run yet. */
export const isUnverified = (run: Run): boolean =>
	run.state === 'succeeded' && !onlyWatched(run) && run.verified === undefined && !isUnchecked(run.plan);

/** Returns the notice of a verdict that came after the one of the end; undefined if there is no verdict. */
export const verdictNotice = (run: Run): Masked<Notice> | undefined => {
	const { verified } = run;
	if (verified === undefined) {
		return undefined;
	}
	const words = verified.verdict === 'passed' ? 'verified now' : `verification ${verified.verdict}`;
	return notice(run, { event: 'ended', words, reason: verified.reason, verdict: verified.verdict });
};

/** Returns the notice that a run waits for its operator. */
export const waitNotice = (run: Run, waits: WaitsFor): Masked<Notice> =>
	notice(run, {
		event: 'waiting',
		words: waits.approval === true ? 'waits for the approval of another operator' : 'waits for you',
		reason: waits.approval === true ? waits.text : waits.title,
		verdict: null,
	});

/** Returns the notice that a run has held the lock for a long time, ms. */
export const lockNotice = (run: Run, heldMs: number): Masked<Notice> =>
	notice(run, { event: 'lock', words: `has held the lock for ${durationText(heldMs)}`, reason: '', verdict: null });

/** Returns the notice that a guard on the host rolls back; undefined if it has not acted. The words are those of notify.sh. */
export const guardNotice = (run: Run): Masked<Notice> | undefined =>
	guardEndOf(run)?.end === 'acts'
		? notice(run, {
				event: 'guard',
				words: 'the checks keep failing, so the guard rolls back',
				reason: run.facts.guard_checks ?? '',
				verdict: null,
			})
		: undefined;

/** Returns the notice that a deployment became unhealthy without a run, or is healthy again. @param at when, ms by the host's clock */
export const healthNotice = (
	{ target, host }: Pick<Notice, 'target' | 'host'>,
	{ healthy, reason, at }: { readonly healthy: boolean; readonly reason: string; readonly at: number },
): Masked<Notice> =>
	maskDeep<Notice>({
		event: 'unhealthy',
		text: `${target}: ${healthy ? 'is healthy again' : 'became unhealthy'}${reason === '' ? '' : ` (${reason})`}`,
		target,
		host,
		...{ run: '', procedure: '', title: '', state: '' },
		verdict: healthy ? 'passed' : 'failed',
		reason,
		startedAt: at,
		endedAt: null,
	});

const shortest = 130;

const inBytes = (text: string, most: number): string => {
	const bytes = Buffer.from(text);
	return bytes.length <= most
		? text
		: `${bytes
				.subarray(0, most - 3)
				.toString('utf8')
				.replace(/\ufffd+$/, '')}...`;
};

/** Returns a notice as the values of channels' templates. */
export const noticeValues = (given: Masked<Notice>): Masked<NoticeValues> =>
	fromMasked(given, (notice) => {
		const { event, text, target, host, run, procedure, title, state, reason, verdict, startedAt, endedAt } = notice;
		const before = title === '' ? `${target}: ` : `${target}: ${title}: `;
		return {
			...{ event, text, target, host, run, procedure, title, state, reason },
			short: inBytes(text, shortest),
			words: text.slice(before.length, reason === '' ? undefined : -(reason.length + 3)),
			...urgencyOf(event, state, verdict ?? undefined),
			verdict: JSON.stringify(verdict),
			started: JSON.stringify(startedAt),
			ended: JSON.stringify(endedAt),
		};
	});
