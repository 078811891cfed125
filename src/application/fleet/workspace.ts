import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../runbook/plan.ts';
import { changes } from '../../runbook/risk.ts';
import type { LockHolder, RunSummary } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { lockHolder } from '../../services/runner/runner.ts';
import { createStore } from '../../stores/store.ts';
import type { Actions, Workspace } from '../../stores/workspace.ts';
import { followServiceLog } from '../logs/followed-log.ts';
import { followServiceLogs } from '../logs/followed-logs.ts';
import { procedureOf } from '../plans/make-plan.ts';
import { planFor } from '../plans/plan-for.ts';
import { inputOffers } from '../plans/resolve-inputs.ts';
import { undoPlan } from '../restore/undo.ts';
import { followAndBind, verifyAndBind } from '../runs/bind-to-stores.ts';
import { cancelAndReport } from '../runs/cancelled.ts';
import { completeManualStep } from '../runs/complete-manual-step.ts';
import { listJournal } from '../runs/journal.ts';
import { saveRunReport } from '../runs/make-report.ts';
import type { Notify } from '../runs/notify.ts';
import { retryPlan } from '../runs/retry.ts';
import { startPlan } from '../runs/run-plan.ts';
import { saveLines, saveRunOutput, saveServiceLog } from '../runs/save-output.ts';
import { readRunSecrets, readSecrets } from '../secrets/known-secrets.ts';
import { createPrompts } from './prompts.ts';
import { openSession, type SessionOptions } from './session.ts';

/** How often the journal and the lock are looked at while nothing is known to have changed, ms. */
const journalMs = 15_000;
/** How often the lock alone, while the target is one of many. */
const lockLeanMs = 60_000;
/** How long a verdict that was just reached may take to be noted when the operator leaves, ms. */
const lastWordsMs = 2000;

export interface WorkspaceOptions extends Omit<SessionOptions, 'notify'> {
	readonly notify?: Notify;
}

/** The plan, written to the debug log when it has been made. */
const recorded = async (making: Promise<Plan>): Promise<Plan> => {
	const plan = await making;
	debugLog()?.plan(plan);
	return plan;
};

/** The same actions; those that fail are written to the debug log. */
const withFailuresRecorded = (actions: Actions): Actions => debugLog()?.failures('screen', actions) ?? actions;

/** A workspace that is watched closely only while somebody looks at it. */
export interface AttendedWorkspace extends Workspace {
	attend(closely: boolean): void;
}

/**
 * Opens a target for the screen: the connection, the monitors, the journal, and what the operator can do. Returns at
 * once; everything comes up meanwhile and says so in its store. Whoever opened it closes it.
 */
export const openWorkspace = (target: Target, { notify, ...options }: WorkspaceOptions = {}): AttendedWorkspace => {
	const { ask, question } = createPrompts();
	const told = createStore('');
	const session = openSession(target, {
		retryFirst: true,
		ask,
		...options,
		...(notify && { notify: (notice, waitedMs) => notify(notice, waitedMs, told.set) }),
	});
	const { host, docker } = session;
	const monitoring = session.monitoring();
	const lock = createStore<LockHolder | undefined>(undefined, (a, b) => a?.run === b?.run);
	const runs = createStore<readonly RunSummary[] | undefined>(
		undefined,
		(a, b) => JSON.stringify(a) === JSON.stringify(b),
	);
	const closing = new AbortController();
	let closely = options.lean !== true;

	const readJournal = async () => {
		try {
			const [holder, all] = await Promise.all([
				lockHolder(host, target, closing.signal),
				closely ? listJournal(session, closing.signal) : undefined,
			]);
			lock.set(holder);
			if (all !== undefined) {
				runs.set(all);
			}
		} catch {
			// The link's own state says why; what was read before stays.
		}
	};
	let readingJournal = false;
	let journalReadAt = 0;
	const refreshJournal = () => {
		if (!readingJournal) {
			readingJournal = true;
			journalReadAt = performance.now();
			void readJournal().finally(() => {
				readingJournal = false;
			});
		}
	};
	const timer = setInterval(() => {
		const due = closely || performance.now() - journalReadAt >= lockLeanMs;
		if (due && host.link.get().status === 'up') {
			refreshJournal();
		}
	}, journalMs);
	host.ready(closing.signal).then(refreshJournal, () => {});

	const refresh = () => {
		if (host.link.get().status !== 'up') {
			host.reconnect();
		}
		monitoring.refresh();
		refreshJournal();
	};
	const followed = new Set<Promise<void>>();
	/** While a run is followed, all is watched: what was seen after it is kept with it. */
	const pace = () => monitoring.attend(closely || followed.size > 0);
	const onFollowing = (ended: Promise<void>) => {
		followed.add(ended);
		pace();
		void ended.finally(() => {
			followed.delete(ended);
			pace();
		});
	};
	const follow = (id: string) => followAndBind(session, id, { onChange: refresh, onFollowing }, closing.signal);

	return {
		target: {
			name: target.name,
			host: host.name,
			directory: target.directory,
			project: target.project,
			readOnly: session.readOnly,
			runbookTitle: target.runbook.title,
			...(target.runbook.monitors.log !== undefined && { mainService: target.runbook.monitors.log.service }),
			...(target.badge !== undefined && { badge: target.badge }),
		},
		procedures: target.runbook.procedures.map(({ id, title, group, when, risk, inputs }) => ({
			id,
			title,
			group,
			when,
			risk,
			inputs: inputs.map(({ name }) => name),
		})),
		links: target.runbook.links,
		readings: { link: host.link, ...monitoring.readings, lock, runs },
		actions: withFailuresRecorded({
			inputs: (id, signal) => inputOffers(host, target, procedureOf(target, id), signal),
			plan: (id, inputs, signal, allowed) => recorded(planFor(session, id, inputs, { signal, allowed })),
			undoPlan: (id, signal) => recorded(undoPlan(session, id, signal)),
			retryPlan: (id, signal) => recorded(retryPlan(session, id, { signal })),
			start: async (plan, reason, onUnknown) => {
				if (plan.steps.length === 0) {
					return verifyAndBind(session, plan, reason);
				}
				// The screen has asked for the confirmation that the risk wants.
				const confirmed = { yes: true, text: plan.target, reason };
				const id = await startPlan(session, plan, confirmed, closing.signal, { ...(onUnknown && { onUnknown }) });
				if (changes(plan)) {
					refreshJournal();
				}
				return follow(id);
			},
			attach: follow,
			cancel: async (id) => {
				const report = await cancelAndReport(session, id, closing.signal);
				refresh();
				return report;
			},
			answer: async (id, step, answer, reason) => {
				await completeManualStep(session, id, { step, answer, reason }, closing.signal);
				refreshJournal();
			},
			followLog: (service) =>
				followServiceLog(docker, target.project, service, readSecrets(session, 'none', closing.signal)),
			followLogs: (services, since) =>
				followServiceLogs(docker, target, services, { since, secrets: readSecrets(session, 'none', closing.signal) }),
			saveOutput: async (id) =>
				saveRunOutput(session, id, {
					folder: process.cwd(),
					signal: closing.signal,
					secrets: await readRunSecrets(session, id, closing.signal),
				}),
			saveReport: (id) => saveRunReport(session, id, { folder: process.cwd(), signal: closing.signal }),
			saveLog: ({ service, output }) => saveServiceLog(service, output, process.cwd()),
			saveLines: (what, lines) => saveLines(what, lines, process.cwd()),
			refresh,
		}),
		question,
		told,
		attend: (next) => {
			const isNews = next && !closely;
			closely = next;
			pace();
			if (isNews && host.link.get().status === 'up') {
				refreshJournal();
			}
		},
		close: async () => {
			clearInterval(timer);
			closing.abort();
			monitoring.stop();
			// A verdict that was shown is being noted on the host.
			await Promise.race([Promise.allSettled(followed), sleep(lastWordsMs, undefined, { ref: false })]);
			await session.close();
		},
	};
};
