import type { Plan } from '../../runbook/plan.ts';
import { changes } from '../../runbook/risk.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import type { Actions, FollowedRun, SavedFile } from '../../stores/workspace.ts';
import { readHistory } from '../history/history.ts';
import { followServiceLog } from '../logs/followed-log.ts';
import { errorPatternOf, followServiceLogs } from '../logs/followed-logs.ts';
import { choicePreviews } from '../plans/choice-previews.ts';
import { procedureOf } from '../plans/make-plan.ts';
import { planFor } from '../plans/plan-for.ts';
import { inputOffers } from '../plans/resolve-inputs.ts';
import { undoPlan } from '../restore/undo.ts';
import { verifyAndBind } from '../runs/bind-to-stores.ts';
import { cancelAndReport } from '../runs/cancelled.ts';
import { completeManualStep } from '../runs/complete-manual-step.ts';
import { saveRunReport } from '../runs/make-report.ts';
import { openShell } from '../runs/open-shell.ts';
import { retryPlan } from '../runs/retry.ts';
import { startPlan } from '../runs/run-plan.ts';
import { saveLines, saveRunOutput, saveServiceLog } from '../runs/save-output.ts';
import { readRunSecrets, readSecrets } from '../secrets/known-secrets.ts';
import { describeContainer } from '../watching/describe-container.ts';
import type { Session } from './session.ts';

export interface WorkspaceActionsOptions {
	/** Follows a run and binds it to stores. */
	follow(id: string): Promise<FollowedRun>;
	/** Reads everything again now. */
	refresh(): void;
	refreshJournal(): void;
	/** Called with the path of each file that was written on this machine. */
	onSaved?(file: string): void;
	/** Aborted when the workspace is closed. */
	readonly signal: AbortSignal;
}

/** The operator's actions on the target of a session. Actions that fail are written to the debug log. */
export const workspaceActions = (session: Session, options: WorkspaceActionsOptions): Actions =>
	withFailuresRecorded({
		...planActions(session),
		...runActions(session, options),
		...outputActions(session, options),
		history: (signal) => readHistory(session, signal),
		describe: (id, signal) => describeContainer(session, id, signal),
		openShell: (place, terminal) => openShell(session, place, terminal, options.signal),
		refresh: options.refresh,
	});

const withFailuresRecorded = (actions: Actions): Actions => debugLog()?.failures('screen', actions) ?? actions;

/** Writes a plan to the debug log when it has been made. */
const recorded = async (making: Promise<Plan>): Promise<Plan> => {
	const plan = await making;
	debugLog()?.plan(plan);
	return plan;
};

const planActions = (
	session: Session,
): Pick<Actions, 'inputs' | 'choicePreviews' | 'plan' | 'undoPlan' | 'retryPlan'> => {
	return {
		inputs: (id, signal) => inputOffers(session, procedureOf(session.target, id), signal),
		choicePreviews: (id, choice, signal) => choicePreviews(session, procedureOf(session.target, id), choice, signal),
		plan: (id, inputs, signal, allowed) => recorded(planFor(session, id, inputs, { signal, allowed })),
		undoPlan: (id, signal, allowed) => recorded(undoPlan(session, id, signal, allowed)),
		retryPlan: (id, signal, allowed) => recorded(retryPlan(session, id, { signal, allowed })),
	};
};

const runActions = (
	session: Session,
	{ follow, refresh, refreshJournal, signal }: WorkspaceActionsOptions,
): Pick<Actions, 'start' | 'attach' | 'cancel' | 'answer'> => ({
	start: async (plan, reason, onUnknown) => {
		if (plan.steps.length === 0) {
			return verifyAndBind(session, plan, reason);
		}
		// The screen has asked for the confirmation that the risk requires.
		const confirmed = { yes: true, text: plan.target, reason };
		const id = await startPlan(session, plan, confirmed, signal, { ...(onUnknown && { onUnknown }) });
		if (changes(plan)) {
			refreshJournal();
		}
		return follow(id);
	},
	attach: follow,
	cancel: async (id) => {
		const report = await cancelAndReport(session, id, signal);
		refresh();
		return report;
	},
	answer: async (id, step, answer, reason) => {
		await completeManualStep(session, id, { step, answer, reason, approves: true }, signal);
		refreshJournal();
	},
});

type OutputAction = 'followLog' | 'followLogs' | 'saveOutput' | 'saveReport' | 'saveLog' | 'saveLines';

const outputActions = (session: Session, { signal, onSaved }: WorkspaceActionsOptions): Pick<Actions, OutputAction> => {
	const { instances, target } = session;
	const noted = async (saving: Promise<SavedFile>): Promise<SavedFile> => {
		const saved = await saving;
		onSaved?.(saved.file);
		return saved;
	};
	return {
		followLog: (service) => ({
			...followServiceLog(instances, service, readSecrets(session, 'none', signal)),
			errors: errorPatternOf(target.runbook, service),
		}),
		followLogs: (services, since) =>
			followServiceLogs(instances, target, services, { since, secrets: readSecrets(session, 'none', signal) }),
		saveOutput: async (id) =>
			noted(
				saveRunOutput(session, id, {
					folder: process.cwd(),
					signal,
					secrets: await readRunSecrets(session, id, signal),
				}),
			),
		saveReport: (id) => noted(saveRunReport(session, id, { folder: process.cwd(), signal })),
		saveLog: ({ service, output }) => noted(saveServiceLog(service, output, process.cwd())),
		saveLines: (what, lines) => noted(saveLines(what, lines, process.cwd())),
	};
};
