import type { Session } from '../application/fleet/session.ts';
import { objection, procedureOf } from '../application/plans/make-plan.ts';
import { planFor } from '../application/plans/plan-for.ts';
import { assertMayChange } from '../application/runs/journal.ts';
import { assertConfirmed, type Confirmed } from '../application/runs/run-plan.ts';
import { BackoutError, messageOf } from '../runbook/errors.ts';
import type { Plan } from '../runbook/plan.ts';
import { changes, isEmergency } from '../runbook/risk.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSessions } from './context.ts';
import { exitCodeOf } from './exit-code.ts';
import { printRun } from './follow-run.ts';
import { planLine } from './plan.ts';
import { planText } from './plan-text.ts';
import { bold, linesAbout, masked, print, printJson, printMasked, safe } from './print.ts';
import { printTarget } from './print-target.ts';
import { asksOperator, type RunOptions, startConfirmed } from './run.ts';
import { namesInWords, outcomesText, plansText, type TargetOutcome } from './targets-text.ts';
import { verifySession } from './verify.ts';
import { waitForLock } from './wait-for-lock.ts';

export interface TargetsOptions extends RunOptions {
	/** Names of targets, with commas. */
	readonly targets: string;
}

/** One target and its plan. */
interface Planned {
	readonly session: Session;
	readonly plan: Plan;
}

/** Returns the names of a list with commas. */
const namesOf = (list: string): readonly string[] =>
	list
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');

/** Returns the confirmation for each target: `--confirm` gives all their names, with commas. */
const confirmedFor = (plans: readonly Plan[], { yes, confirm, reason = '' }: RunOptions): readonly Confirmed[] => {
	const given = confirm === undefined ? [] : namesOf(confirm);
	const other = given.find((name) => !plans.some(({ target }) => target === name));
	if (other !== undefined) {
		throw new BackoutError('refused', `--confirm names ${other}, which is not one of the targets`, {
			next: `nothing was changed; confirm with --confirm ${plans.map(({ target }) => target).join(',')} and a --reason`,
		});
	}
	return plans.map(({ target }) => ({
		yes: yes === true,
		reason,
		...(given.includes(target) && { text: target }),
	}));
};

/** Asks once for all targets; where the risk is confirmed with a name, for the name of each. */
const askFor = async (
	plans: readonly Plan[],
	options: RunOptions,
	signal: AbortSignal,
): Promise<readonly Confirmed[]> => {
	print(plansText(plans));
	for (const plan of plans) {
		print();
		printMasked(planText(plan, { given: Object.keys(options.input) }));
	}
	print();
	const names = safe(namesInWords(plans.map(({ target }) => target)));
	const [first] = plans;
	if (first?.risk === 'disruptive') {
		const answer = await askLine(`Run this on ${names}, one after the other? y or N: `, signal);
		return confirmedFor(plans, { ...options, yes: answer.trim().toLowerCase() === 'y' });
	}
	const typed: string[] = [];
	for (const [index, { title, risk, target }] of plans.entries()) {
		const which = `${index + 1} of ${plans.length}`;
		const said = await askLine(`${safe(title)} is ${risk}. Type ${safe(target)} to run it there (${which}): `, signal);
		if (said.trim() !== target) {
			break;
		}
		typed.push(target);
	}
	const all = typed.length === plans.length;
	const reason = options.reason ?? (all ? await askLine('Reason, for the journal: ', signal) : '');
	return confirmedFor(plans, { ...options, confirm: typed.join(','), reason });
};

/** Throws `refused`, before anything is begun, when one of the plans must not start: the name of its target comes first. */
const assertAllMayStart = (planned: readonly Planned[]): void => {
	for (const { session, plan } of planned) {
		if (changes(plan)) {
			assertMayChange(session, plan.title);
		}
		const against = objection(plan);
		if (against !== undefined) {
			throw new BackoutError('refused', `${plan.target}: ${against.message}`, {
				host: plan.host,
				next: 'nothing was changed on any target; fix this, or leave this target out, then plan again',
			});
		}
	}
};

const unconfirmed: Confirmed = { yes: false, reason: '' };

const outcomes: Readonly<Record<number, TargetOutcome['outcome']>> = {
	1: 'failed',
	4: 'refused',
	5: 'unverified',
	6: 'unknown',
	130: 'cancelled',
};

/** Returns what became of a target by the exit code of an error. @param begun true when its run was started */
const outcomeOfError = (code: number, begun: boolean): TargetOutcome['outcome'] => {
	switch (code) {
		case 130:
			return begun ? 'left' : 'not-begun';
		case 3:
			return begun ? 'unknown' : 'not-begun';
		default:
			return outcomes[code] ?? 'failed';
	}
};

/** Runs the plan of one target to its verdict; never rejects. */
const runOne = async (
	{ session, plan }: Planned,
	confirmed: Confirmed,
	options: RunOptions,
	signal: AbortSignal,
): Promise<{ readonly outcome: TargetOutcome; readonly code: number; readonly error?: unknown }> => {
	const json = options.json === true;
	const { target } = plan;
	let run: string | undefined;
	try {
		signal.throwIfAborted();
		if (!json) {
			print();
			printTarget(session);
		}
		if (plan.steps.length === 0) {
			const code = await verifySession(session, { checks: plan.verification.checks, json }, signal);
			return { outcome: { target, outcome: code === 0 ? 'verified' : 'failed' }, code };
		}
		await session.host.ready(signal);
		run = await waitForLock(session, options, () => startConfirmed(session, plan, confirmed, json, signal), signal);
		const code = await printRun(session, run, { json, signal });
		const well = plan.verification.checks.length === 0 ? 'done' : 'verified';
		return { outcome: { target, run, outcome: code === 0 ? well : (outcomes[code] ?? 'failed') }, code };
	} catch (error) {
		const known = error instanceof BackoutError ? error : undefined;
		const code = known === undefined ? 1 : exitCodeOf[known.code];
		const begun = run ?? known?.run;
		return {
			outcome: {
				target,
				outcome: outcomeOfError(code, begun !== undefined),
				...(begun !== undefined && { run: begun }),
				...(code !== 130 && { reason: messageOf(error) }),
			},
			code,
			error,
		};
	}
};

/** Runs the plans one after the other, and stops at the first target that is not done and verified. */
const runAll = async (
	planned: readonly Planned[],
	confirmed: readonly Confirmed[],
	{ options, turn }: { readonly options: RunOptions; readonly turn: (session: Session) => void },
	signal: AbortSignal,
): Promise<number> => {
	const json = options.json === true;
	const became: TargetOutcome[] = [];
	let [code, failed]: [number, unknown] = [0, undefined];
	for (const [index, one] of planned.entries()) {
		turn(one.session);
		linesAbout(one.plan.target);
		const given = confirmed[index] ?? unconfirmed;
		const ended = await runOne(one, given, options, signal);
		became.push(ended.outcome);
		[code, failed] = [ended.code, ended.error];
		if (code !== 0) {
			break;
		}
	}
	const plans = planned.map(({ plan }) => plan);
	for (const { target } of plans.slice(became.length)) {
		became.push({ target, outcome: 'not-begun' });
	}
	if (json) {
		printJson(masked({ type: 'targets', procedure: plans[0]?.procedure ?? '', targets: became, exitCode: code }));
	} else {
		print();
		print(bold(`${safe(plans[0]?.title ?? '')} on ${plans.length} targets`));
		print(outcomesText(plans, became));
	}
	if (failed !== undefined) {
		throw failed;
	}
	return code;
};

/**
 * `backout run --targets`: one procedure on several targets, one after the other. All plans are made and shown before, and confirmed
 * together; nothing begins unless each of them may start. It stops at the first target that is not done and verified.
 */
export const runOnTargets = (globals: GlobalOptions, procedure: string, options: TargetsOptions): Promise<number> => {
	if (options.detach === true) {
		throw new BackoutError('usage', '--targets verifies each target before the next begins, so it cannot detach', {
			next: 'leave out --detach, or run each target by itself',
		});
	}
	const json = options.json === true;
	return withSessions(globals, namesOf(options.targets), async (sessions, { turn, onEach }, signal) => {
		const plans = await onEach(async (session) => {
			const definition = procedureOf(session.target, procedure);
			const asks = asksOperator({ risk: definition.risk, target: session.target.name }, options);
			const previews = (json && !isEmergency(definition)) || asks;
			return planFor(session, procedure, options.input, { signal, allowed: options.allow, previews });
		});
		for (const plan of json ? plans : []) {
			printJson(planLine(plan));
		}
		const planned = sessions.flatMap((session, index) => {
			const plan = plans[index];
			return plan === undefined ? [] : [{ session, plan }];
		});
		assertAllMayStart(planned);
		const asks = plans.some((plan) => asksOperator(plan, options));
		if (!json && !asks) {
			print(plansText(plans));
		}
		const confirmed = asks ? await askFor(plans, options, signal) : confirmedFor(plans, options);
		for (const [index, plan] of plans.entries()) {
			assertConfirmed(plan, confirmed[index] ?? unconfirmed);
		}
		return runAll(planned, confirmed, { options, turn }, signal);
	});
};
