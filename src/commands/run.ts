import type { Session } from '../application/fleet/session.ts';
import { procedureOf } from '../application/plans/make-plan.ts';
import { planFor } from '../application/plans/plan-for.ts';
import { type Confirmed, startPlan } from '../application/runs/run-plan.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Plan } from '../runbook/plan.ts';
import { confirmationFor, isEmergency } from '../runbook/risk.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { printRun } from './follow-run.ts';
import { planLine } from './plan.ts';
import { planText } from './plan-text.ts';
import { masked, print, printJson, printMasked, safe, yellow } from './print.ts';
import { printTarget } from './print-target.ts';
import { verifySession } from './verify.ts';
import { waitForLock } from './wait-for-lock.ts';

/** Options for confirming and following a plan. */
export interface StartOptions {
	readonly yes?: boolean;
	readonly confirm?: string;
	readonly reason?: string;
	readonly detach?: boolean;
	readonly json?: boolean;
	/** The inputs that were given. */
	readonly input?: Readonly<Record<string, string>>;
}

export interface RunOptions extends StartOptions {
	readonly input: Readonly<Record<string, string>>;
	/** Losses that are accepted, `SERVICE:ASPECT:NAME`. */
	readonly allow?: readonly string[];
	/** A duration: how long to wait for the lock. */
	readonly wait?: string;
}

/** True when the operator has to be asked on the terminal: something is missing, and there is a terminal. */
export const asksOperator = ({ risk, target }: Pick<Plan, 'risk' | 'target'>, options: StartOptions): boolean => {
	const wanted = confirmationFor(risk, target);
	const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true && options.json !== true;
	const given =
		wanted.kind === 'none' || (wanted.kind === 'yes' ? options.yes === true : options.confirm !== undefined);
	return mayAsk && !given;
};

/**
 * Asks on the terminal for what is missing; the safe answer is the default.
 *
 * @param show prints what is asked about; by default the plan
 */
export const confirm = async (
	plan: Plan,
	options: StartOptions,
	signal: AbortSignal,
	show = () => printMasked(planText(plan, { given: Object.keys(options.input ?? {}) })),
): Promise<Confirmed> => {
	const given: Confirmed = {
		yes: options.yes === true,
		reason: options.reason ?? '',
		...(options.confirm !== undefined && { text: options.confirm }),
	};
	const wanted = confirmationFor(plan.risk, plan.target);
	if (wanted.kind === 'none' || !asksOperator(plan, options)) {
		return given;
	}
	show();
	print();
	if (wanted.kind === 'yes') {
		const answer = await askLine(`Run this on ${safe(plan.target)}? y or N: `, signal);
		return { ...given, yes: answer.trim().toLowerCase() === 'y' };
	}
	const typed = await askLine(`${safe(plan.title)} is ${plan.risk}. Type ${safe(wanted.text)} to run it: `, signal);
	const text = typed.trim();
	const reason =
		given.reason === '' && text === wanted.text ? await askLine('Reason, for the journal: ', signal) : given.reason;
	return { ...given, text, reason };
};

/** Time for which the host is asked whether a run was started, ms. */
const askForMs = 600_000;

/** Starts a confirmed plan on the host and returns the run's id; reports while it is unknown whether it was started. */
export const startConfirmed = (
	session: Session,
	plan: Plan,
	confirmed: Confirmed,
	json: boolean,
	signal: AbortSignal,
): Promise<string> =>
	startPlan(session, plan, confirmed, signal, {
		askForMs,
		onUnknown: (run, reason) => {
			if (json) {
				printJson(masked({ type: 'unknown', run, reason }));
			} else {
				print(`${yellow('?')} unknown whether run ${run} was started: ${safe(reason)}; asking the host …`);
			}
		},
	});

/** Says how to follow a run that was left on the host; returns the exit code. */
export const detachFrom = (id: string, json: boolean): number => {
	if (json) {
		printJson(masked({ type: 'detached', run: id }));
	} else {
		print(`${id} runs on the host; \`${ownCommand(['attach', id])}\` shows it and verifies it`);
	}
	return 0;
};

/** Confirms a plan, starts it on the host, follows and verifies it; returns the exit code. */
export const runPlan = async (
	session: Session,
	plan: Plan,
	options: StartOptions,
	signal: AbortSignal,
): Promise<number> => {
	const json = options.json === true;
	if (json) {
		printJson(planLine(plan));
	} else {
		printTarget(session);
	}
	if (plan.steps.length === 0) {
		return verifySession(session, { checks: plan.verification.checks, json }, signal);
	}
	const id = await startConfirmed(session, plan, await confirm(plan, options, signal), json, signal);
	if (options.detach === true) {
		return detachFrom(id, json);
	}
	return printRun(session, id, { json, signal });
};

/** `backout run`: plans, confirms, starts on the host, follows, verifies. */
export const runProcedure = (globals: GlobalOptions, procedure: string, options: RunOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const definition = procedureOf(session.target, procedure);
		// Previews help to decide; after the decision, a stop does not wait for them.
		const previews =
			(options.json === true && !isEmergency(definition)) ||
			asksOperator({ risk: definition.risk, target: session.target.name }, options);
		return waitForLock(
			session,
			options,
			async () => {
				const plan = await planFor(session, procedure, options.input, { signal, allowed: options.allow, previews });
				return runPlan(session, plan, options, signal);
			},
			signal,
		);
	});
