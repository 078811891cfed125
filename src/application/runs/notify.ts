import type { Verification } from '../../runbook/check.ts';
import { fromMasked, type Masked } from '../../runbook/masked.ts';
import { endNotice, type Notice, waitNotice } from '../../runbook/notice.ts';
import { defaultNotify } from '../../runbook/preferences.ts';
import { type Run, waitsFor } from '../../runbook/run.ts';
import type { NotifyPreferences } from '../../runbook/runbook.ts';
import { notificationSequence } from '../../terminal/osc.ts';

/** Notifies the operator; `waitedMs`: how long the run has been followed. A failure is reported in one line. */
export type Notify = (notice: Masked<Notice>, waitedMs: number, tell: (line: string) => void) => void;

export interface NotifyOptions {
	/** The terminal, if there is one. */
	readonly terminal?: { write(data: string): unknown };
	readonly env: NodeJS.ProcessEnv;
	readonly platform: NodeJS.Platform;
}

/** Creates the notifier. It blocks nothing and never fails: the run does not depend on it. */
export const createNotify =
	(preferences: NotifyPreferences = defaultNotify, { terminal, env, platform }: NotifyOptions): Notify =>
	(notice, waitedMs, tell) => {
		const text = fromMasked(notice, (all) => all.text);
		const heading = notice.event === 'ended' ? 'backout: run ended' : 'backout: waiting for you';
		if (waitedMs >= preferences.afterMs) {
			if (preferences.terminal) {
				terminal?.write(notificationSequence(heading, text, env));
			}
			if (preferences.bell) {
				terminal?.write('\u0007');
			}
			if (preferences.desktop) {
				import('../../services/notify/desktop.ts')
					.then(({ notifyDesktop }) => notifyDesktop(heading, text, { platform, env }))
					.catch((error: Error) => tell(`The desktop notification failed: ${error.message}`));
			}
		}
		const { webhook } = preferences;
		if (webhook !== undefined) {
			// Loaded on demand: got takes time to load, and is rarely needed here.
			import('../../services/notify/webhook.ts')
				.then(({ postWebhook }) => postWebhook(webhook, notice))
				.catch((error: Error) => tell(`The webhook failed: ${error.message}`));
		}
	};

/**
 * Watches a followed run for the events about which an operator wants to be notified.
 *
 * @param isOwn true when the operator has just started it: its end is news, even if it ended before the first look at it
 */
export const watchForOperator = (
	notify: (notice: Masked<Notice>, waitedMs: number) => void,
	{ isOwn = false, now = Date.now }: { readonly isOwn?: boolean; readonly now?: () => number } = {},
): { run(run: Run): void; ended(run: Run, verification: Verification | undefined): void } => {
	const since = now();
	let isNews = isOwn;
	let waited: number | undefined;
	return {
		run: (run) => {
			// A run that had ended before is no news; its first verification is.
			isNews ||= run.state === 'running';
			const waits = waitsFor(run);
			if (waits !== undefined && waits.number !== waited) {
				waited = waits.number;
				notify(waitNotice(run, waits), now() - since);
			}
		},
		ended: (run, verification) => {
			if (isNews || verification !== undefined) {
				notify(endNotice(run, verification), now() - since);
			}
		},
	};
};
