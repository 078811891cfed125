import type { Verification } from '../../runbook/check.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { gapNotice } from '../../runbook/output-gap.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run } from '../../runbook/run.ts';
import { openSpillFile } from '../../services/files/spill-file.ts';
import { isNoSuchRun, readRun, runGone } from '../../services/runner/runner.ts';
import { createOutputBuffer } from '../../stores/byte-ring.ts';
import { createStore } from '../../stores/store.ts';
import type { FollowedRun, Following } from '../../stores/workspace.ts';
import type { Session } from '../fleet/session.ts';
import { followToVerdict } from './follow-to-verdict.ts';
import { whoami } from './journal.ts';
import { assertHere } from './runs-elsewhere.ts';
import { verifyRun } from './verification.ts';

const mostTries = 4;

/** Reads the run. Retried while the host is slow or the link is down: the run is known to exist. */
const firstReading = async (session: Session, id: string, signal: AbortSignal): Promise<Run> => {
	for (let tries = 1; ; tries++) {
		try {
			return await readRun(session.host, session.target, id, signal);
		} catch (error) {
			if (isNoSuchRun(error)) {
				await assertHere(session, id, signal);
				throw runGone(session.host.name, id, error);
			}
			if (!(error instanceof BackoutError) || error.code !== 'unreachable' || signal.aborted) {
				throw error;
			}
			if (tries === mostTries) {
				throw new BackoutError('outcome-unknown', `run ${id} cannot be shown: ${error.message}`, {
					host: session.host.name,
					run: id,
					next: `it may still be running: \`backout attach ${id}\` asks again`,
					cause: error,
				});
			}
			await session.host.ready(signal);
		}
	}
};

/**
 * Follows a run into stores, for a screen: its steps, its output from the first byte, then the verification. Closing it, or aborting the
 * signal, stops following; the run keeps running. `onChange` is called when the run has ended and again when it was verified.
 * `onFollowing` receives a promise that resolves when no more requests go to the host.
 */
export const followAndBind = async (
	session: Session,
	id: string,
	hooks: { readonly onChange: () => void; readonly onFollowing: (ended: Promise<void>) => void },
	signal: AbortSignal,
): Promise<FollowedRun> => {
	const { onChange } = hooks;
	const aborter = new AbortController();
	const run = createStore<Run>(await firstReading(session, id, signal));
	const following = createStore<Following>({ status: 'live' });
	const verification = createStore<Verification | undefined>(undefined);
	const output = createOutputBuffer({ spill: () => openSpillFile(process.env) });
	const ended = followToVerdict(
		session,
		id,
		{
			onOutput: (bytes) => output.append(bytes),
			onGap: (gap) => output.append(Buffer.from(gapNotice(gap))),
			onRun: (next) => {
				const ended = next.state !== run.get().state;
				run.set(next);
				if (ended) {
					onChange();
				}
			},
			onLost: (reason) =>
				following.set({
					status: 'lost',
					reason: reason ?? session.host.link.get().reason ?? 'the link to the host is down',
					...(reason !== undefined && { linkUp: true }),
				}),
			onLive: () => following.set({ status: 'live' }),
			onVerification: (next) => verification.set(next),
		},
		AbortSignal.any([aborter.signal, signal]),
	)
		.then(
			() => following.set({ status: 'ended' }),
			(error: unknown) => {
				if (!aborter.signal.aborted && !signal.aborted) {
					const reason = messageOf(error);
					const lost = error instanceof BackoutError && ['outcome-unknown', 'unreachable'].includes(error.code);
					following.set({ status: lost ? 'lost' : 'ended', reason });
					// It cannot be read any more, and its last known state may be out of date.
					if (run.get().state === 'running') {
						run.set({ ...run.get(), state: 'unknown' });
					}
				}
			},
		)
		.finally(onChange);
	hooks.onFollowing(ended);
	const close = () => {
		aborter.abort();
		output.close();
	};
	return { id, run, following, output, verification, close };
};

/**
 * Verifies a plan without steps: this program does it alone, so nothing is written to the host and there is no run. The screen shows it as
 * a run whose steps are done.
 */
export const verifyAndBind = (session: Session, plan: Plan, reason: string): FollowedRun => {
	const aborter = new AbortController();
	const now = Date.now();
	const run = createStore<Run>({
		id: 'verification',
		plan,
		who: whoami(),
		reason,
		startedAt: now,
		endedAt: now,
		state: 'succeeded',
		exitCode: 0,
		steps: [],
		outputBytes: 0,
		facts: {},
	});
	const following = createStore<Following>({ status: 'live' });
	const verification = createStore<Verification | undefined>(undefined);
	verifyRun(session, run.get(), verification.set, aborter.signal).then(
		() => following.set({ status: 'ended' }),
		(error: unknown) => {
			if (!aborter.signal.aborted) {
				following.set({ status: 'ended', reason: messageOf(error) });
			}
		},
	);
	return {
		id: 'verification',
		run,
		following,
		output: createOutputBuffer(),
		verification,
		close: () => aborter.abort(),
	};
};
