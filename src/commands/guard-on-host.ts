import type { Session } from '../application/fleet/session.ts';
import { findRun, listJournal } from '../application/runs/journal.ts';
import { findInterrupted, planResumed } from '../application/runs/resume-guard.ts';
import type { Confirmed } from '../application/runs/run-plan.ts';
import { shortDuration } from '../components/format-time.ts';
import { interruptedWords, resumeCommand } from '../runbook/guard-run.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Plan } from '../runbook/plan.ts';
import type { Run } from '../runbook/run.ts';
import { readRun } from '../services/runner/runner.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { printRun } from './follow-run.ts';
import { planLine } from './plan.ts';
import { bold, glyph, printError, printJson, safe } from './print.ts';
import { detachFrom, startConfirmed } from './run.ts';

export interface GuardOptions {
	readonly for?: string;
	readonly procedure?: string;
	readonly input: Readonly<Record<string, string>>;
	/** Losses that the plan may accept. */
	readonly allow?: readonly string[];
	readonly interval?: string;
	readonly grace?: string;
	readonly yes?: boolean;
	readonly confirm?: string;
	readonly reason?: string;
	readonly json?: boolean;
	/** The guard is a run on the host, and goes on without this machine, also if the host cannot ask all checks. */
	readonly onHost?: boolean;
	/** This machine watches, also if the host could. */
	readonly here?: boolean;
	readonly detach?: boolean;
	/** The interrupted guard on the host to go on with. */
	readonly resume?: string;
}

/** Returns the consent that the options give in advance. */
export const consentOf = ({ yes, confirm }: Pick<GuardOptions, 'yes' | 'confirm'>, reason: string): Confirmed => ({
	yes: yes === true,
	reason,
	...(confirm !== undefined && { text: confirm }),
});

/** Returns the words for the journal: what acts, and the operator's own reason if there is one. */
export const withReason = (what: string, reason = ''): string => (reason === '' ? what : `${what} [${reason}]`);

/** Starts a guard as a run on the host and, unless it is detached from, follows it to the end. */
export const startOnHost = async (
	session: Session,
	plan: Plan,
	{ confirmed, detach, json }: { readonly confirmed: Confirmed; readonly detach: boolean; readonly json: boolean },
	signal: AbortSignal,
): Promise<number> => {
	const id = await startConfirmed(session, plan, confirmed, json, signal);
	if (detach) {
		return detachFrom(id, json);
	}
	if (!json) {
		const [attach, cancel] = ['attach', 'cancel'].map((name) => ownCommand([name, id]));
		printError(
			`The host watches by itself, also when this command has ended; \`${attach}\` follows it, \`${cancel}\` ends it`,
		);
	}
	return printRun(session, id, { json, signal });
};

/** Says what the host cannot ask by itself. */
export const printNotAsked = ({ guard }: Plan): void => {
	for (const one of guard?.notAsked ?? []) {
		printError(`  ${glyph('unknown')} not asked by the host: ${safe(one)}`);
	}
};

/** Says so when a guard of this deployment was interrupted, and how to go on with it. */
export const tellInterrupted = async (session: Session, signal: AbortSignal): Promise<void> => {
	const run = await findInterrupted(session, await listJournal(session, signal), signal);
	if (run !== undefined) {
		printError(`${glyph('unknown')} ${safe(interruptedWords(run))}. To go on with it: ${resumeCommand(run)}`);
	}
};

/** Starts a guard that takes over from an interrupted one, and follows it. */
export const resumeGuard = async (
	session: Session,
	run: Run,
	options: Pick<GuardOptions, 'yes' | 'confirm' | 'reason' | 'detach' | 'json'>,
	signal: AbortSignal,
): Promise<number> => {
	const json = options.json === true;
	const { plan, leftSeconds } = await planResumed(session, run, signal);
	if (json) {
		printJson(planLine(plan));
	} else {
		printError(
			`Guarding ${bold(safe(session.target.name))} again, for the ${shortDuration(leftSeconds * 1000)} that are left of run ${run.id}`,
		);
	}
	const confirmed = consentOf(options, withReason('guard on the host', options.reason ?? `goes on from ${run.id}`));
	return startOnHost(session, plan, { confirmed, detach: options.detach === true, json }, signal);
};

/** Finds an interrupted guard, starts one that takes over from it, and follows that. */
export const resumeById = (globals: GlobalOptions, id: string, options: GuardOptions): Promise<number> =>
	withSession(
		globals,
		async (session, signal) => {
			const { id: run } = await findRun(session, id, signal);
			return resumeGuard(session, await readRun(session.host, session.target, run, signal), options, signal);
		},
		{ mayGuess: true },
	);
